package sluice.bench.result;

import java.util.Arrays;

/**
 * How deep queues were, or how many commands one call submitted or reaped, in fio's seven classes.
 * One thread counts; nothing is allocated after construction.
 */
public final class DepthCounts {
  /** How many classes there are. */
  public static final int CLASSES = 7;

  private final long[] counts = new long[CLASSES];

  /**
   * Counts an I/O that was issued as the so-many-th in flight: classes 1, 2-3, 4-7, 8-15, 16-31,
   * 32-63, 64 and more.
   *
   * @param depth commands in flight, this one included; 1 or more
   */
  public void addLevel(int depth) {
    int power = 31 - Integer.numberOfLeadingZeros(Math.max(depth, 1));
    counts[Math.min(power, CLASSES - 1)]++;
  }

  /**
   * Counts a call that submitted or reaped so many commands: classes 0, 1-4, 5-8, 9-16, 17-32,
   * 33-64, more.
   *
   * @param commands 0 or more
   */
  public void addBatch(int commands) {
    if (commands == 0) {
      counts[0]++;
    } else {
      int power = 32 - Integer.numberOfLeadingZeros((commands - 1) >> 2);
      counts[Math.min(power + 1, CLASSES - 1)]++;
    }
  }

  /** Adds all that another has counted. */
  public void add(DepthCounts other) {
    for (int i = 0; i < CLASSES; i++) {
      counts[i] += other.counts[i];
    }
  }

  /** Forgets all: a ramp has ended. */
  public void reset() {
    Arrays.fill(counts, 0);
  }

  /** How much of all is in a class, in percent; 0 when nothing was counted. */
  public double percent(int depthClass) {
    long total = 0;
    for (long count : counts) {
      total += count;
    }
    return total == 0 ? 0 : 100.0 * counts[depthClass] / total;
  }

  public long count(int depthClass) {
    return counts[depthClass];
  }

  public DepthCounts copy() {
    DepthCounts copy = new DepthCounts();
    copy.add(this);
    return copy;
  }
}
