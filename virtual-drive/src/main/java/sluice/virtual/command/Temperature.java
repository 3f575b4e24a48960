package sluice.virtual.command;

import sluice.nvme.spec.AsyncEvent;
import sluice.nvme.spec.LogPage;
import sluice.nvme.spec.SmartLog;

/**
 * How warm the drive is, and the event that tells the host when that goes beyond a threshold
 * (section 5.21.1.4). Used in the drive's turns.
 */
public final class Temperature {
  private final Features features;
  private final AsyncEvents events;
  private int kelvin;
  private boolean isTold;

  public Temperature(int kelvin, Features features, AsyncEvents events) {
    this.kelvin = kelvin;
    this.features = features;
    this.events = events;
  }

  /** As after a reset of the controller: nothing has been told. */
  public void reset() {
    isTold = false;
  }

  /** The composite temperature, in kelvin. */
  public int kelvin() {
    return kelvin;
  }

  /** It is warmer or colder now; {@link #check} tells the host. */
  public void set(int now) {
    kelvin = now;
  }

  public boolean isBeyondThreshold() {
    return kelvin >= features.overTemperature() || kelvin <= features.underTemperature();
  }

  /** The host moved a threshold, or wants to know of other events: it is told of what holds now. */
  void thresholdsChanged() {
    isTold = false;
    check();
  }

  /** Tells of a temperature that has gone beyond a threshold, if the host wants to know. */
  public void check() {
    boolean beyond = isBeyondThreshold();
    boolean wanted = (features.eventConfiguration() & SmartLog.WARNING_TEMPERATURE) != 0;
    if (beyond && wanted && !isTold) {
      events.raise(AsyncEvent.TYPE_SMART, AsyncEvent.SMART_TEMPERATURE, LogPage.SMART);
    }
    isTold = beyond && wanted;
  }
}
