package sluice.virtual.command;

import sluice.nvme.spec.AsyncEvent;
import sluice.nvme.spec.LogPage;
import sluice.nvme.spec.SmartLog;

/**
 * Whether what the drive was given is still safe with it, and the event that tells the host when it
 * is not: a flush failed, and what was written before may not be on the media (section 5.14.1.2).
 * It stays so, over resets too. Used in the drive's turns.
 */
public final class Reliability {
  private final Features features;
  private final AsyncEvents events;
  private boolean isDegraded;
  private boolean isTold;

  public Reliability(Features features, AsyncEvents events) {
    this.features = features;
    this.events = events;
  }

  public boolean isDegraded() {
    return isDegraded;
  }

  /**
   * Something that was written may be lost.
   *
   * @return whether that is new
   */
  boolean degrade() {
    boolean isNew = !isDegraded;
    isDegraded = true;
    check();
    return isNew;
  }

  /** As after a reset of the controller: nothing has been told. */
  public void reset() {
    isTold = false;
  }

  /** The host wants to know of other events: it is told of what holds now. */
  void configurationChanged() {
    isTold = false;
    check();
  }

  private void check() {
    boolean wanted = (features.eventConfiguration() & SmartLog.WARNING_RELIABILITY) != 0;
    if (isDegraded && wanted && !isTold) {
      isTold = true;
      events.raise(AsyncEvent.TYPE_SMART, AsyncEvent.SMART_RELIABILITY, LogPage.SMART);
    }
  }
}
