package sluice.bench.compare;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.commons.statistics.inference.MannWhitneyUTest;

/**
 * By what factor one sample lies above another, and between which factors that is. Nothing is
 * supposed of how values are distributed: it is the test of Mann and Whitney turned round, with the
 * estimate of Hodges and Lehmann.
 *
 * <p>All values of one sample are divided by all of the other. The estimate is the median of these
 * quotients. The interval holds every factor that, were the first sample multiplied by it, the test
 * would not tell from the second; equal values count as if they spoke for that. So if the samples
 * are of the same thing, the interval leaves 1 out no more often than the level says.
 *
 * @param factor the estimate: 0.9 when the second sample is a tenth below the first
 * @param least the lower end of the interval
 * @param most the upper end
 */
record Shift(double factor, double least, double most) {
  /** Fewer values on a side say little of its spread, however many there are on the other. */
  private static final int FEWEST = 4;

  /**
   * How the second sample lies to the first.
   *
   * @param before 0 or more each
   * @param after likewise
   * @param level how often the interval may miss, as a share: 0.05
   * @return empty when there are too few values for that level
   */
  static Optional<Shift> between(List<Double> before, List<Double> after, double level) {
    int n = before.size();
    int m = after.size();
    long rejected = rejected(n, m, level);
    if (Math.min(n, m) < FEWEST || rejected == 0) {
      return Optional.empty();
    }
    double[] quotients = quotients(before, after);
    // So many quotients below a factor are the first number that the test lets pass.
    int first = (int) rejected - 1;
    return Optional.of(
        new Shift(median(quotients), quotients[first], quotients[quotients.length - 1 - first]));
  }

  /** The estimate alone; of samples that are not empty. */
  static double factor(List<Double> before, List<Double> after) {
    return median(quotients(before, after));
  }

  /** How many values a side needs for a level. */
  static int needed(double level) {
    int n = FEWEST;
    while (probability(n, n, 0) > level) {
      n++;
    }
    return n;
  }

  private static double[] quotients(List<Double> before, List<Double> after) {
    double[] quotients = new double[before.size() * after.size()];
    int i = 0;
    for (double a : before) {
      for (double b : after) {
        quotients[i++] = a == b ? 1 : b / a;
      }
    }
    Arrays.sort(quotients);
    return quotients;
  }

  private static double median(double[] sorted) {
    int half = sorted.length / 2;
    double upper = sorted[half];
    // The sum of two infinite ones would be infinite too, but not the mean of 0 and one.
    return sorted.length % 2 == 1 || sorted[half - 1] == upper
        ? upper
        : (sorted[half - 1] + upper) / 2;
  }

  /** How many of the least values of Mann and Whitney's U, from 0 up, the test rejects. */
  private static long rejected(int n, int m, double level) {
    long low = 0;
    long high = (long) n * m / 2;
    while (low < high) {
      long middle = (low + high) / 2;
      if (probability(n, m, middle) <= level) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** How probable a U so far from its mean is, to either side, if both samples are of the same. */
  private static double probability(int n, int m, long u) {
    double[] y = new double[m];
    Arrays.setAll(y, i -> i);
    double[] x = new double[n];
    long left = u;
    for (int i = 0; i < n; i++) {
      // Behind so many of the others; and none is like another.
      long behind = Math.min(m, left);
      left -= behind;
      x[i] = behind - 0.5 + 0.4 * i / n;
    }
    return MannWhitneyUTest.withDefaults().test(x, y).getPValue();
  }
}
