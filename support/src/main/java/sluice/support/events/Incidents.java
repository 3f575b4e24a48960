package sluice.support.events;

import jdk.jfr.FlightRecorder;

/**
 * Where it is told what has happened. Whether anybody hears it is decided here: an event is made
 * only while Flight Recorder runs ({@code -XX:StartFlightRecording}, {@code jcmd JFR.start}, {@link
 * jdk.jfr.Recording}), and a line only if the logger {@code sluice} is at {@code DEBUG}. Without
 * both nothing is allocated, and none of their classes is loaded after {@link #mute}.
 *
 * <p>Arguments are what the caller has anyhow; texts that must be made are made here. Thread-safe.
 */
public final class Incidents {
  private static volatile boolean isMuted;

  private Incidents() {}

  /**
   * Nothing is told from now on, nor looked whether anybody wants it, until {@link #unmute}: for a
   * program whose start is to be short.
   */
  public static void mute() {
    isMuted = true;
  }

  /** What happens is told again to who wants it, as it is if nothing was said. */
  public static void unmute() {
    isMuted = false;
  }

  static boolean isMuted() {
    return isMuted;
  }

  /** Whether Flight Recorder runs, so that an event may be wanted. */
  static boolean isRecorded() {
    return !isMuted && FlightRecorder.isInitialized();
  }

  /**
   * A step of a controller's bring-up has been taken.
   *
   * @param nanos how long it took
   */
  public static void step(String drive, String step, long nanos) {
    if (isRecorded()) {
      var event = new FlightEvents.BringUpStep();
      event.drive = drive;
      event.step = step;
      event.took = nanos;
      event.commit();
    }
    if (DebugLog.isWanted()) {
      DebugLog.line("bring-up of " + drive + ": " + step + ", " + nanos / 1000 + " us");
    }
  }

  /**
   * A controller was reset.
   *
   * @param nanos how long it took, bring-up included
   * @param cameBack whether it runs again
   */
  public static void reset(String drive, String reason, long nanos, boolean cameBack) {
    if (isRecorded()) {
      var event = new FlightEvents.ControllerReset();
      event.drive = drive;
      event.reason = reason;
      event.took = nanos;
      event.cameBack = cameBack;
      event.commit();
    }
  }

  /**
   * A command has been out for longer than the I/O timeout.
   *
   * @param wasAborted whether it was aborted before, and has not come back
   */
  public static void late(String drive, int queue, int command, boolean wasAborted) {
    if (isRecorded()) {
      var event = new FlightEvents.LateCommand();
      event.drive = drive;
      event.queue = queue;
      event.command = command;
      event.wasAborted = wasAborted;
      event.commit();
    }
    if (DebugLog.isWanted()) {
      DebugLog.line(
          "command %d of queue %d of %s is late%s"
              .formatted(command, queue, drive, wasAborted ? ", and was aborted before" : ""));
    }
  }

  /** The controller was told to abort a command. */
  public static void aborted(String drive, int queue, int command) {
    if (isRecorded()) {
      var event = new FlightEvents.CommandAborted();
      event.drive = drive;
      event.queue = queue;
      event.command = command;
      event.commit();
    }
    if (DebugLog.isWanted()) {
      DebugLog.line("command %d of queue %d of %s is aborted".formatted(command, queue, drive));
    }
  }

  /**
   * A drive's pause has ended.
   *
   * @param inFlight writes that are out still
   */
  public static void pause(long nanos, int inFlight) {
    if (isRecorded() && FlightEvents.DrivePause.TYPE.isEnabled()) {
      var event = new FlightEvents.DrivePause();
      event.took = nanos;
      event.inFlight = inFlight;
      event.commit();
    }
  }

  /**
   * A Flush has completed.
   *
   * @param nanos how long it took, with what had to be written before
   * @param durableBytes of the stream, from its beginning
   */
  public static void flush(long nanos, long durableBytes) {
    if (isRecorded() && FlightEvents.Flush.TYPE.isEnabled()) {
      var event = new FlightEvents.Flush();
      event.took = nanos;
      event.durableBytes = durableBytes;
      event.commit();
    }
  }

  /**
   * Bytes of a stream are lost.
   *
   * @param at how many bytes the stream had before
   */
  public static void gap(long at, long lostBytes) {
    if (isRecorded() && FlightEvents.StreamGap.TYPE.isEnabled()) {
      var event = new FlightEvents.StreamGap();
      event.at = at;
      event.lostBytes = lostBytes;
      event.commit();
    }
  }

  /**
   * A client of a served drive has come or gone.
   *
   * @param what a line for people
   */
  public static void session(String drive, String what) {
    if (isRecorded()) {
      var event = new FlightEvents.Session();
      event.drive = drive;
      event.what = what;
      event.commit();
    }
    if (DebugLog.isWanted()) {
      DebugLog.line(drive + ": " + what);
    }
  }
}
