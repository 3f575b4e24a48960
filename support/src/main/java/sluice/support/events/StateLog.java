package sluice.support.events;

/**
 * Where state machines tell that their state has changed: {@code MACHINE: FROM -> TO (reason)}, as
 * a line and as an event. For machines whose states last; not for those that run through their
 * states with each command.
 */
public final class StateLog {
  private StateLog() {}

  /**
   * A machine is in another state from now on.
   *
   * @param kind what the machine is, as "controller"
   * @param name which one, as its drive's address; empty if there is but one
   * @param reason for people; empty if the state says all
   */
  public static void changed(String kind, String name, Enum<?> from, Enum<?> to, String reason) {
    boolean isRecorded = Incidents.isRecorded();
    boolean isLogged = DebugLog.isWanted();
    if (!isRecorded && !isLogged) {
      return;
    }
    String machine = name.isEmpty() ? kind : kind + " " + name;
    if (isRecorded) {
      var event = new FlightEvents.StateChange();
      event.machine = machine;
      event.from = from.name();
      event.to = to.name();
      event.reason = reason;
      event.commit();
    }
    if (isLogged) {
      String why = reason.isEmpty() ? "" : " (" + reason + ")";
      DebugLog.line(machine + ": " + from + " -> " + to + why);
    }
  }
}
