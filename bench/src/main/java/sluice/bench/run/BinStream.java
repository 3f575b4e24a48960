package sluice.bench.run;

import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Consumer;
import sluice.bench.result.Direction;
import sluice.bench.result.LatencyBins;

/**
 * A job's log of histograms on its way from the job's thread to the thread that writes them. What
 * is not written in time is in the next window; only a window allocates.
 */
final class BinStream {
  private static final int MOST_WAITING = 64;
  private static final Direction[] WAYS = Direction.values();

  private final Consumer<LatencyBins> to;
  private final long windowMillis;
  private final int coarseness;
  private final long[][] counts = new long[WAYS.length][];
  private final long[] begin = new long[WAYS.length];
  private final ArrayBlockingQueue<LatencyBins> full = new ArrayBlockingQueue<>(MOST_WAITING);

  /**
   * @param windowMillis how much time a histogram is of at least; 0 for none
   * @param coarseness how often neighbouring bins are put together, two by two
   */
  BinStream(Consumer<LatencyBins> to, long windowMillis, int coarseness) {
    this.to = to;
    this.windowMillis = windowMillis;
    this.coarseness = coarseness;
    for (Direction way : WAYS) {
      counts[way.number()] = new long[LatencyBins.COUNT >> coarseness];
    }
  }

  /** An I/O has completed. */
  void add(long millis, int way, int length, long nanos) {
    if (windowMillis == 0) {
      return;
    }
    counts[way][LatencyBins.of(nanos) >> coarseness]++;
    if (begin[way] == 0) {
      // As fio has it: the first window begins with the first I/O.
      begin[way] = millis;
    }
    if (millis - begin[way] >= windowMillis && full.remainingCapacity() > 0) {
      full.add(new LatencyBins(millis, WAYS[way], length, counts[way]));
      Arrays.fill(counts[way], 0);
      begin[way] = millis - (millis - begin[way]) % windowMillis;
    }
  }

  /** Writes what there is until now; by the thread that writes. */
  void drain() {
    for (LatencyBins next = full.poll(); next != null; next = full.poll()) {
      to.accept(next);
    }
  }
}
