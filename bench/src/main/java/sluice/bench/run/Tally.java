package sluice.bench.run;

import java.util.concurrent.atomic.AtomicLongArray;
import sluice.bench.result.Direction;

/** What a job has done so far, for those who look on: one thread adds, any thread reads. */
final class Tally {
  private static final int WAYS = Direction.values().length;

  /** Bytes by direction, then I/Os by direction, and all their latencies. */
  private final AtomicLongArray done = new AtomicLongArray(2 * WAYS + 1);

  void add(int way, int length, long latencyNanos) {
    done.setOpaque(way, done.getPlain(way) + length);
    done.setOpaque(WAYS + way, done.getPlain(WAYS + way) + 1);
    done.setOpaque(2 * WAYS, done.getPlain(2 * WAYS) + latencyNanos);
  }

  /** The sum of all completion latencies. */
  long latencyNanos() {
    return done.getOpaque(2 * WAYS);
  }

  long bytes(Direction way) {
    return done.getOpaque(way.number());
  }

  long ios(Direction way) {
    return done.getOpaque(WAYS + way.number());
  }
}
