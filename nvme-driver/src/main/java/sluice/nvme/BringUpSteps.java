package sluice.nvme;

import sluice.support.events.Incidents;

/** A controller's bring-up, step by step. Used under its lock. */
final class BringUpSteps {
  private final String drive;
  private long since = System.nanoTime();

  BringUpSteps(String drive) {
    this.drive = drive;
  }

  /** The first step begins. */
  void begin() {
    since = System.nanoTime();
  }

  /** A step has been taken, and the next one begins. */
  void taken(String step) {
    long now = System.nanoTime();
    Incidents.step(drive, step, now - since);
    since = now;
  }
}
