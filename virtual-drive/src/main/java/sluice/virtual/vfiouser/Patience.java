package sluice.virtual.vfiouser;

import java.time.Duration;

/**
 * How long a client may keep the server's thread waiting: all waits of a turn together are bounded,
 * and when the server stops none goes on. Used by the server's thread, but for {@link #end}.
 */
final class Patience {
  /** For all waits of a turn, for room to send. */
  static final Duration TURN = Duration.ofSeconds(5);

  private long spentNanos;
  private volatile boolean isOver;

  /** A turn begins. */
  void begin() {
    spentNanos = 0;
  }

  /** What a wait took of the turn's time. */
  void spend(long nanos) {
    spentNanos += nanos;
  }

  /** Nanoseconds that are left in this turn; 0 or less for none. */
  long leftNanos() {
    return isOver ? 0 : TURN.toNanos() - spentNanos;
  }

  /** The same as a duration of 0 or more. */
  Duration left() {
    return Duration.ofNanos(Math.max(0, leftNanos()));
  }

  /** Ends it for good. From any thread. */
  void end() {
    isOver = true;
  }

  boolean isOver() {
    return isOver;
  }
}
