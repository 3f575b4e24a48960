package sluice.bench.run;

import sluice.support.linux.ThreadUsage;

/** What a worker's thread uses while it measures. Used by that thread, until it has ended. */
final class MeasuredUsage {
  private ThreadUsage before;
  private ThreadUsage whole;

  /** It is measured from here on. */
  void begin() {
    before = ThreadUsage.ofThisThread();
  }

  boolean hasBegun() {
    return before != null;
  }

  /** It has ended: {@link #soFar} does not change any more. */
  void end() {
    whole = soFar();
  }

  ThreadUsage soFar() {
    if (whole != null) {
      return whole;
    }
    ThreadUsage used = ThreadUsage.ofThisThread();
    return used.since(hasBegun() ? before : used);
  }
}
