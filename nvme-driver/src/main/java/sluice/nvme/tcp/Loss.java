package sluice.nvme.tcp;

/** Whether one of an association's connections has ended, for all its queues. Thread-safe. */
final class Loss {
  private volatile boolean has;

  void happened() {
    has = true;
  }

  boolean hasHappened() {
    return has;
  }
}
