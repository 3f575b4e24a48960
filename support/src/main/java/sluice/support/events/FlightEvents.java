package sluice.support.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/**
 * The events as Flight Recorder has them. Their classes are loaded only when it runs: see {@link
 * Incidents}. Those that fall while a stream is recorded have their type at hand, which says
 * without an object whether the event is wanted.
 */
final class FlightEvents {
  private FlightEvents() {}

  @Name("sluice.StateChange")
  @Label("State Change")
  @Description("A state machine has gone from one state to another")
  @Category("sluice")
  @StackTrace(false)
  static final class StateChange extends Event {
    @Label("Machine")
    String machine;

    @Label("From")
    String from;

    @Label("To")
    String to;

    @Label("Reason")
    String reason;
  }

  @Name("sluice.BringUpStep")
  @Label("Bring-up Step")
  @Description("A step on a controller's way from whatever state it is in to a running one")
  @Category("sluice")
  @StackTrace(false)
  static final class BringUpStep extends Event {
    @Label("Drive")
    String drive;

    @Label("Step")
    String step;

    @Label("Took")
    @Timespan(Timespan.NANOSECONDS)
    long took;
  }

  @Name("sluice.ControllerReset")
  @Label("Controller Reset")
  @Description("A controller was reset, and brought up again if that was possible")
  @Category("sluice")
  @StackTrace(false)
  static final class ControllerReset extends Event {
    @Label("Drive")
    String drive;

    @Label("Reason")
    String reason;

    @Label("Took")
    @Timespan(Timespan.NANOSECONDS)
    long took;

    @Label("Came Back")
    boolean cameBack;
  }

  @Name("sluice.LateCommand")
  @Label("Late Command")
  @Description("A command has been out for longer than the I/O timeout")
  @Category("sluice")
  @StackTrace(false)
  static final class LateCommand extends Event {
    @Label("Drive")
    String drive;

    @Label("Queue")
    int queue;

    @Label("Command Identifier")
    int command;

    @Label("Was Aborted")
    @Description("Whether an abort of it was tried before")
    boolean wasAborted;
  }

  @Name("sluice.CommandAborted")
  @Label("Command Aborted")
  @Description("The controller was told to abort a command")
  @Category("sluice")
  @StackTrace(false)
  static final class CommandAborted extends Event {
    @Label("Drive")
    String drive;

    @Label("Queue")
    int queue;

    @Label("Command Identifier")
    int command;
  }

  @Name("sluice.DrivePause")
  @Label("Drive Pause")
  @Description("No write completed for longer than the threshold, though some were in flight")
  @Category("sluice")
  @StackTrace(false)
  static final class DrivePause extends Event {
    static final EventType TYPE = EventType.getEventType(DrivePause.class);

    @Label("Took")
    @Timespan(Timespan.NANOSECONDS)
    long took;

    @Label("Still in Flight")
    int inFlight;
  }

  @Name("sluice.Flush")
  @Label("Flush")
  @Description("All of the stream up to a place was made durable")
  @Category("sluice")
  @StackTrace(false)
  static final class Flush extends Event {
    static final EventType TYPE = EventType.getEventType(Flush.class);

    @Label("Took")
    @Timespan(Timespan.NANOSECONDS)
    long took;

    @Label("Durable Bytes")
    long durableBytes;
  }

  @Name("sluice.StreamGap")
  @Label("Stream Gap")
  @Description("Bytes of the stream found no room and are lost")
  @Category("sluice")
  @StackTrace(false)
  static final class StreamGap extends Event {
    static final EventType TYPE = EventType.getEventType(StreamGap.class);

    @Label("At")
    @Description("Bytes of the stream before the gap")
    long at;

    @Label("Lost Bytes")
    long lostBytes;
  }

  @Name("sluice.Session")
  @Label("Session")
  @Description("A client of a served drive has come or gone")
  @Category("sluice")
  @StackTrace(false)
  static final class Session extends Event {
    @Label("Drive")
    String drive;

    @Label("What")
    String what;
  }
}
