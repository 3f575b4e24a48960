package sluice.bench.compare;

import java.util.ArrayList;
import java.util.List;
import sluice.bench.result.RoundFigure;
import sluice.bench.result.Rounds.Series;

/**
 * By how much a figure may differ between two sides only because the machine was busier on one of
 * them, so that a job had a processor for less of its time.
 *
 * <p>At the most, a figure goes with the share of the time in which the job had a processor: half
 * the share, half the rate. Whether it does, the rounds of a side tell, where the share differs
 * among them: a figure that stays while the share goes up and down does not depend on it. Any two
 * rounds have a slope, the figure's quotient by the share's as logarithms, without its sign. The
 * median of the slopes, up to 1, is the dependence: one odd round does not move it. It is taken as
 * 1 where the share is the same in all rounds.
 */
final class Contention {
  /** The logarithm of the quotient from which on two shares teach anything. */
  private static final double TEACHING = Math.log(1.05);

  private Contention() {}

  /**
   * The factor, 1 or more.
   *
   * @param before a figure's values of the first side
   * @param sharesBefore for each, the share of the time in which the job had a processor; empty if
   *     not known, which is taken as all of it
   * @param after of the second side
   * @param sharesAfter likewise
   */
  static double factor(
      List<Double> before,
      List<Double> sharesBefore,
      List<Double> after,
      List<Double> sharesAfter) {
    double ratio = median(sharesAfter) / median(sharesBefore);
    double most = Math.max(ratio, 1 / ratio);
    double here = dependence(before, sharesBefore);
    double there = dependence(after, sharesAfter);
    if (Double.isNaN(here) && Double.isNaN(there)) {
      return most;
    }
    double dependence = Math.max(Double.isNaN(here) ? 0 : here, Double.isNaN(there) ? 0 : there);
    return Math.pow(most, Math.min(1, dependence));
  }

  /**
   * Whether a percentile may be of nothing but waiting: the job was without a processor for more of
   * its time than the part that lies above the percentile. That is no longer in proportion to the
   * share; so nothing is known of the drive then. Never of the median, or of what is no percentile.
   *
   * @param shares of a side, as above
   */
  static boolean isOfWaiting(RoundFigure figure, List<Double> shares) {
    return figure.percentile() > 50 && 1 - median(shares) > 1 - figure.percentile() / 100;
  }

  private static double median(List<Double> shares) {
    return shares.isEmpty() ? 1 : new Series(shares).median();
  }

  /** NaN when the rounds do not tell. */
  private static double dependence(List<Double> values, List<Double> shares) {
    if (shares.isEmpty() || values.size() != shares.size()) {
      return Double.NaN;
    }
    List<Double> slopes = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      for (int j = 0; j < i; j++) {
        double share = distance(shares.get(i), shares.get(j));
        if (share >= TEACHING) {
          slopes.add(distance(values.get(i), values.get(j)) / share);
        }
      }
    }
    return slopes.isEmpty() ? Double.NaN : new Series(slopes).median();
  }

  private static double distance(double one, double other) {
    return one == other ? 0 : Math.abs(Math.log(one / other));
  }
}
