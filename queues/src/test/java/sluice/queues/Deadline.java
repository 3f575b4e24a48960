package sluice.queues;

/** Ends a test that waits for what never comes. */
final class Deadline {
  private final long end = System.nanoTime() + 60_000_000_000L;

  /** Gives the processor away once; another thread may be what is waited for. */
  void pause() {
    if (System.nanoTime() - end > 0) {
      throw new AssertionError("nothing came in 60 s");
    }
    Thread.yield();
  }
}
