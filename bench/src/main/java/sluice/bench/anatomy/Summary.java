package sluice.bench.anatomy;

import java.util.Arrays;

/**
 * What a number of measured times were, exactly: no classes, no rounding.
 *
 * @param count how many; at least 1
 * @param min nanoseconds, as all that follow
 * @param p50 by nearest rank, as the other percentiles
 * @param medianLow the lower end of the median's 95% confidence interval, by order statistics: no
 *     assumption of a distribution
 * @param medianHigh its upper end
 * @param mean the arithmetic mean
 * @param meanMargin half the width of the mean's 95% confidence interval, which assumes that there
 *     are many independent times
 */
public record Summary(
    int count,
    long min,
    long p50,
    long medianLow,
    long medianHigh,
    long p90,
    long p99,
    long p999,
    long max,
    double mean,
    double meanMargin) {

  /** The quantile of the normal distribution that leaves 2.5% on either side. */
  private static final double Z = 1.959964;

  /**
   * @param nanos in any order; not changed
   */
  public static Summary of(long[] nanos) {
    if (nanos.length == 0) {
      throw new IllegalArgumentException("nothing was measured");
    }
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    int count = sorted.length;
    double mean = Arrays.stream(sorted).average().orElseThrow();
    double squares = Arrays.stream(sorted).mapToDouble(each -> (each - mean) * (each - mean)).sum();
    double deviation = count == 1 ? 0 : Math.sqrt(squares / (count - 1));
    double spread = Z * Math.sqrt(count) / 2;
    int low = (int) Math.floor(count / 2.0 - spread);
    int high = (int) Math.ceil(count / 2.0 + 1 + spread);
    return new Summary(
        count,
        sorted[0],
        percentile(sorted, 500),
        sorted[Math.clamp(low, 1, count) - 1],
        sorted[Math.clamp(high, 1, count) - 1],
        percentile(sorted, 900),
        percentile(sorted, 990),
        percentile(sorted, 999),
        sorted[count - 1],
        mean,
        Z * deviation / Math.sqrt(count));
  }

  private static long percentile(long[] sorted, int permille) {
    int rank = (int) (((long) sorted.length * permille + 999) / 1000);
    return sorted[Math.max(rank, 1) - 1];
  }
}
