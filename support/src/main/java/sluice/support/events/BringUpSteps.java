package sluice.support.events;

/** A controller's bring-up, step by step. Used under its lock. */
public final class BringUpSteps {
  private final String drive;
  private long since = System.nanoTime();

  public BringUpSteps(String drive) {
    this.drive = drive;
  }

  /** The first step begins. */
  public void begin() {
    since = System.nanoTime();
  }

  /** A step has been taken, and the next one begins. */
  public void taken(String step) {
    long now = System.nanoTime();
    Incidents.step(drive, step, now - since);
    since = now;
  }
}
