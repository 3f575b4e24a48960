package sluice.bench.load;

/**
 * Pareto's law by the share {@code h}: with 0.2, a fifth of the numbers gets four fifths of the
 * draws, and the same within that fifth.
 */
final class Pareto implements Distribution {
  private final long count;
  private final double power;
  private final RandomNumbers random;
  private final Permutation places;

  Pareto(long count, double h, long seed) {
    this.count = count;
    this.power = Math.log(h) / Math.log(1 - h);
    this.random = new RandomNumbers(seed);
    this.places = new Permutation(count, 0);
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
    return places.at(Math.min(count - 1, (long) (count * Math.pow(random.nextDouble(), power))));
  }
}
