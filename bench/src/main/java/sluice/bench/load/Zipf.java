package sluice.bench.load;

/**
 * Ranks of Zipf's law: the k-th is as likely as {@code k^-theta}. Drawn by rejection-inversion
 * (Hörmann and Derflinger, 1996), which needs no table and no sum over all ranks. Which rank lies
 * where is up to a {@link Permutation}, so that what is hot is not all in one place.
 */
final class Zipf implements Distribution {
  private final double theta;
  private final RandomNumbers random;
  private final Permutation places;
  private final double first;
  private final double last;
  private final double squeeze;

  Zipf(long count, double theta, long seed) {
    this.theta = theta;
    this.random = new RandomNumbers(seed);
    this.places = new Permutation(count, 0);
    this.first = integral(1.5) - 1;
    this.last = integral((double) count + 0.5);
    this.squeeze = 2 - inverse(integral(2.5) - density(2));
  }

  /** The number that comes most often. */
  long likeliest() {
    return places.at(0);
  }

  @Override
  public void seed(long seed) {
    random.seed(seed);
  }

  @Override
  public long next() {
    return places.at(rank() - 1);
  }

  /** From 1 to the count; 1 is the likeliest. */
  long rank() {
    while (true) {
      double u = last + random.nextDouble() * (first - last);
      double x = inverse(u);
      long rank = Math.clamp(Math.round(x), 1, places.count());
      if ((double) rank - x <= squeeze
          || u >= integral((double) rank + 0.5) - density((double) rank)) {
        return rank;
      }
    }
  }

  private double density(double x) {
    return Math.exp(-theta * Math.log(x));
  }

  /** The integral of the density from 1. */
  private double integral(double x) {
    double log = Math.log(x);
    return expm1Ratio((1 - theta) * log) * log;
  }

  private double inverse(double value) {
    double t = Math.max(-1, value * (1 - theta));
    return Math.exp(log1pRatio(t) * value);
  }

  /** (e^x - 1) / x, also near 0. */
  private static double expm1Ratio(double x) {
    return Math.abs(x) > 1e-8 ? Math.expm1(x) / x : 1 + x / 2 * (1 + x / 3);
  }

  /** ln(1 + x) / x, also near 0. */
  private static double log1pRatio(double x) {
    return Math.abs(x) > 1e-8 ? Math.log1p(x) / x : 1 - x * (0.5 - x / 3);
  }
}
