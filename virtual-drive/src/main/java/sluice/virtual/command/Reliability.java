package sluice.virtual.command;

import sluice.nvme.spec.AsyncEvent;
import sluice.nvme.spec.LogPage;
import sluice.nvme.spec.SmartLog;

/**
 * The event that tells a host when what the drive was given may not be safe with it any more: a
 * flush failed, and what was written before may not be on the media (section 5.14.1.2). Used in the
 * drive's turns.
 */
final class Reliability {
  private final Subsystem subsystem;
  private final Features features;
  private final AsyncEvents events;
  private boolean isTold;

  Reliability(Subsystem subsystem, Features features, AsyncEvents events) {
    this.subsystem = subsystem;
    this.features = features;
    this.events = events;
  }

  /** As after a reset of the controller: nothing has been told. */
  void reset() {
    isTold = false;
  }

  /** The host wants to know of other events: it is told of what holds now. */
  void configurationChanged() {
    isTold = false;
    check();
  }

  /** Tells the host, if it is so and the host wants to know. */
  void check() {
    boolean wanted = (features.eventConfiguration() & SmartLog.WARNING_RELIABILITY) != 0;
    if (subsystem.isDegraded() && wanted && !isTold) {
      isTold = true;
      events.raise(AsyncEvent.TYPE_SMART, AsyncEvent.SMART_RELIABILITY, LogPage.SMART);
    }
  }
}
