package sluice.bench.result;

import org.HdrHistogram.Histogram;

/**
 * Latencies of one kind.
 *
 * @param exact count, extremes, mean and deviation of the recorded values, in nanoseconds
 * @param histogram the values in nanoseconds, to the histogram's precision; nobody changes it any
 *     more
 */
public record LatencyResult(Statistics exact, Histogram histogram) {

  /** No latency at all: no I/O, or not measured. */
  public static LatencyResult none() {
    return new LatencyResult(Statistics.NONE, new Histogram(LatencyRecorder.DIGITS));
  }

  public boolean isEmpty() {
    return exact.count() == 0;
  }

  /**
   * The value that so many percent of all values do not exceed, in nanoseconds, to the histogram's
   * precision, but never outside of the exact extremes.
   *
   * @param percent 0 to 100
   */
  public long percentileNanos(double percent) {
    if (isEmpty()) {
      return 0;
    }
    long value = histogram.getValueAtPercentile(percent);
    return Math.clamp(value, exact.min(), exact.max());
  }

  /** The latencies of both. */
  public LatencyResult plus(LatencyResult other) {
    if (other.isEmpty()) {
      return this;
    }
    if (isEmpty()) {
      return other;
    }
    Histogram sum = histogram.copy();
    sum.setAutoResize(true);
    sum.add(other.histogram);
    return new LatencyResult(exact.plus(other.exact), sum);
  }
}
