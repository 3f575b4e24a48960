package sluice.bench.anatomy;

import java.util.Arrays;

/**
 * What a number of measured times were, exactly: no classes, no rounding. Confidence intervals take
 * the times as independent of each other.
 *
 * @param count how many; at least 1
 * @param min nanoseconds, as all that follow
 * @param p50 by nearest rank, as the other percentiles
 * @param medianLow the lower end of the median's confidence interval, by order statistics: exact
 *     for whatever distribution, and of 95% at the least; the lowest time of fewer than 6, whose
 *     interval is of less
 * @param medianHigh its upper end
 * @param mean the arithmetic mean
 * @param meanMargin half the width of the mean's 95% confidence interval by the normal
 *     distribution, for which some 30 times are needed; 0 of one
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

  /** What a 95% interval leaves on either side. */
  private static final double TAIL = 0.025;

  private static final double NEGLIGIBLE = 1e-20;

  /**
   * @param nanos in any order, at least one; not changed
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
    int rank = Math.max(1, lowerRankOfMedian(count));
    return new Summary(
        count,
        sorted[0],
        percentile(sorted, 500),
        sorted[rank - 1],
        sorted[count - rank],
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

  /**
   * The highest rank below which the median lies with a chance of 2.5% at the most; 0 if there is
   * none. How many times are below the median is distributed as the heads of that many coins.
   */
  private static int lowerRankOfMedian(int count) {
    int middle = (count - 1) / 2;
    // Weights relative to the middle's, which do not underflow as probabilities of many coins do.
    double lower = 0;
    double weight = 1;
    for (int heads = middle; heads >= 0 && weight > NEGLIGIBLE; heads--) {
      lower += weight;
      weight *= heads / (double) (count - heads + 1);
    }
    double all = 2 * lower + (count % 2 == 0 ? weightAboveMiddle(count, middle) : 0);
    double tail = lower;
    weight = 1;
    int heads = middle;
    while (heads >= 0 && tail > TAIL * all) {
      tail -= weight;
      weight *= heads / (double) (count - heads + 1);
      heads--;
    }
    return heads + 1;
  }

  /** Of an even number of coins: as many heads as tails. */
  private static double weightAboveMiddle(int count, int middle) {
    return (count - middle) / (double) (middle + 1);
  }
}
