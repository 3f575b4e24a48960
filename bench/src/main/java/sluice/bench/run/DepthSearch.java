package sluice.bench.run;

/**
 * Looks for the greatest queue depth at which enough I/Os are fast enough ({@code latency_target}):
 * by halving the range, a window of time for each depth. The depth that it finds gets a window
 * more, the only one that is reported.
 */
final class DepthSearch {
  private final long targetNanos;
  private final long windowNanos;
  private final double part;
  private int good;
  private int bad;
  private int depth;
  private long windowStart;
  private long met;
  private long missed;
  private boolean found;
  private boolean confirming;
  private boolean over;

  /**
   * @param targetNanos what an I/O may take
   * @param windowNanos how long each depth is tried
   * @param part how many of the I/Os must meet the target, as a fraction
   * @param most the greatest depth to be tried
   */
  DepthSearch(long targetNanos, long windowNanos, double part, int most) {
    this.targetNanos = targetNanos;
    this.windowNanos = windowNanos;
    this.part = part;
    this.bad = most + 1;
    this.depth = most;
  }

  void begin(long now) {
    windowStart = now;
    met = 0;
    missed = 0;
  }

  /** The depth that is tried now; when all is {@link #isFound}, the one that was looked for. */
  int depth() {
    return depth;
  }

  boolean isFound() {
    return found;
  }

  /** Nothing is out of the depths before: the last window begins, at the depth that was found. */
  void confirm(long now) {
    confirming = true;
    begin(now);
  }

  /** Whether the last window has begun. */
  boolean isConfirming() {
    return confirming;
  }

  /** Whether the last window has ended. */
  boolean isOver() {
    return over;
  }

  /** An I/O has completed; one that began at another depth does not count. */
  void completed(long start, long now) {
    if (start - windowStart < 0) {
      return;
    }
    if (now - start <= targetNanos) {
      met++;
    } else {
      missed++;
    }
  }

  /** Time has gone by: perhaps another depth is to be tried. */
  void pass(long now) {
    if ((found && !confirming) || now - windowStart < windowNanos || met + missed == 0) {
      return;
    }
    if (confirming) {
      over = true;
      return;
    }
    if (met >= part * (met + missed)) {
      good = depth;
    } else {
      bad = depth;
    }
    // A depth of 1 is the least there is, whether it is good enough or not.
    found = bad - good <= 1;
    depth = Math.max(1, found ? good : (good + bad) >>> 1);
    begin(now);
  }
}
