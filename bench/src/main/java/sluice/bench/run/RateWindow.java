package sluice.bench.run;

import sluice.bench.result.Direction;

/** Counts what completes in pieces of time of the same length, direction by direction. */
final class RateWindow {
  /** Told of a piece that is over. */
  interface Listener {
    /**
     * @param endNanos when it ended
     * @param nanos how long it was: longer than the window where nothing happened for long
     */
    void closed(Direction way, long endNanos, long nanos, long bytes, long ios);
  }

  private static final Direction[] WAYS = Direction.values();

  private final long length;
  private final boolean keepsRest;
  private final Listener listener;
  private final long[] bytes = new long[WAYS.length];
  private final long[] ios = new long[WAYS.length];
  private long start;

  /**
   * @param length of a piece in nanoseconds
   * @param keepsRest whether a piece that is cut off by an end counts
   */
  RateWindow(long length, boolean keepsRest, Listener listener) {
    this.length = length;
    this.keepsRest = keepsRest;
    this.listener = listener;
  }

  void reset(long now) {
    start = now;
    for (int i = 0; i < WAYS.length; i++) {
      bytes[i] = 0;
      ios[i] = 0;
    }
  }

  void add(int way, int howMuch) {
    bytes[way] += howMuch;
    ios[way]++;
  }

  /** Time has gone by; asked before anything that completed at this time is added. */
  void pass(long now) {
    if (now - start >= length) {
      close(now);
    }
  }

  /** There is nothing more for now. */
  void end(long now) {
    if (keepsRest && now > start) {
      close(now);
    }
  }

  private void close(long now) {
    long nanos = now - start;
    for (Direction way : WAYS) {
      int i = way.number();
      listener.closed(way, now, nanos, bytes[i], ios[i]);
      bytes[i] = 0;
      ios[i] = 0;
    }
    start = now;
  }
}
