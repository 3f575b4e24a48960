package sluice.recorder.format;

import java.util.Arrays;

/**
 * A histogram by powers of two, small enough to be kept with each recording: bucket <i>k</i> counts
 * what took from 2^k to 2^(k+1)-1 ns; the last has all that took longer.
 */
public final class LatencyBuckets {
  public static final int COUNT = 40;
  public static final LatencyBuckets NONE = new LatencyBuckets(new long[COUNT]);

  private final long[] counts;

  /**
   * @param counts {@link #COUNT} of them, copied
   */
  public LatencyBuckets(long[] counts) {
    if (counts.length != COUNT) {
      throw new IllegalArgumentException(counts.length + " buckets, not " + COUNT);
    }
    this.counts = counts.clone();
  }

  /** The bucket of a latency. */
  public static int bucket(long nanos) {
    return nanos <= 1 ? 0 : Math.min(COUNT - 1, Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos));
  }

  public long count(int bucket) {
    return counts[bucket];
  }

  public long total() {
    return Arrays.stream(counts).sum();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LatencyBuckets that && Arrays.equals(counts, that.counts);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(counts);
  }

  @Override
  public String toString() {
    return Arrays.toString(counts);
  }
}
