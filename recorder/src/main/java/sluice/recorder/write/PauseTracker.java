package sluice.recorder.write;

import sluice.support.events.Incidents;

/**
 * Counts the drive's pauses: times when no write completed for longer than a threshold though some
 * were in flight. Used by the writer's thread.
 */
final class PauseTracker {
  private final long thresholdNanos;
  private long lastProgress;
  private boolean waiting;
  private long count;
  private long longestNanos;
  private long totalNanos;

  PauseTracker(long thresholdNanos) {
    this.thresholdNanos = thresholdNanos;
  }

  /** A write was submitted. */
  void submitted(long now) {
    if (!waiting) {
      waiting = true;
      lastProgress = now;
    }
  }

  /**
   * A write has completed.
   *
   * @param inFlight how many still are
   */
  void completed(long now, int inFlight) {
    long pause = now - lastProgress;
    if (pause > thresholdNanos) {
      count++;
      totalNanos += pause;
      longestNanos = Math.max(longestNanos, pause);
      Incidents.pause(pause, inFlight);
    }
    lastProgress = now;
    waiting = inFlight > 0;
  }

  /** How long nothing has completed until now; 0 if nothing is in flight. */
  long current(long now) {
    return waiting ? now - lastProgress : 0;
  }

  long thresholdNanos() {
    return thresholdNanos;
  }

  long count() {
    return count;
  }

  long longestNanos() {
    return longestNanos;
  }

  long totalNanos() {
    return totalNanos;
  }
}
