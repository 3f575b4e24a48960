package sluice.recorder.ring;

/** Whose a side of a ring is: the first thread's that uses it. */
final class Side {
  private Thread owner;

  /** Whether this thread may use it; it is its from now on if it was nobody's. */
  boolean isThisThreads() {
    Thread current = Thread.currentThread();
    if (owner == null) {
      owner = current;
    }
    return owner.equals(current);
  }

  /**
   * Refuses another thread than the one that has it.
   *
   * @param side its name
   * @throws IllegalStateException if this is another
   */
  void require(String side) {
    if (!isThisThreads()) {
      throw new IllegalStateException("the ring has another " + side + ": " + owner.getName());
    }
  }
}
