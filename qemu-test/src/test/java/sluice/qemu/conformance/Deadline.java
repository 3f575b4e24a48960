package sluice.qemu.conformance;

/** Ends a wait that would not end by itself. */
final class Deadline {
  private static final long NANOS = 60_000_000_000L;

  private final String what;
  private final long start = System.nanoTime();

  /**
   * @param what is waited for
   */
  Deadline(String what) {
    this.what = what;
  }

  /** To be called in every turn of the wait. */
  void check() {
    if (System.nanoTime() - start > NANOS) {
      throw new AssertionError("waited 60 s in vain for " + what);
    }
    Thread.onSpinWait();
  }
}
