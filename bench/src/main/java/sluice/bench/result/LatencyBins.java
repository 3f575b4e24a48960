package sluice.bench.result;

/**
 * How many commands of a direction had which latency, in fio's bins, in a window of a job's time: a
 * line of a log of {@code write_hist_log}.
 *
 * <p>fio has 64 bins for each power of two from 64 ns on, each as wide as the others of its power,
 * and one for each nanosecond below; the last has all that is longer than 17 s too.
 */
public final class LatencyBins {
  private static final int BITS = 6;

  /** How many bins there are. */
  public static final int COUNT = 29 << BITS;

  private final long endMillis;
  private final Direction direction;
  private final int blockBytes;
  private final long[] counts;

  /**
   * @param endMillis when the window ended, after the job's start
   * @param blockBytes of its last command
   * @param counts by bin, in fio's order
   */
  public LatencyBins(long endMillis, Direction direction, int blockBytes, long[] counts) {
    this.endMillis = endMillis;
    this.direction = direction;
    this.blockBytes = blockBytes;
    this.counts = counts.clone();
  }

  /** The bin of a latency, from 0. */
  public static int of(long nanos) {
    int shift = Math.max(0, Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos | 1) - BITS);
    return shift == 0
        ? (int) nanos
        : Math.min(
            COUNT - 1, ((shift + 1) << BITS) + (int) ((nanos >>> shift) & ((1 << BITS) - 1)));
  }

  public long endMillis() {
    return endMillis;
  }

  public Direction direction() {
    return direction;
  }

  public int blockBytes() {
    return blockBytes;
  }

  /** How many bins there are here, of which each may be several of fio's. */
  public int size() {
    return counts.length;
  }

  /** How many commands are in a bin. */
  public long count(int bin) {
    return counts[bin];
  }
}
