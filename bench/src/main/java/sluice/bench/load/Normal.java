package sluice.bench.load;

/** The bell around the middle of the range; draws beyond its ends are drawn again. */
final class Normal implements Distribution {
  private final long count;
  private final double deviation;
  private final RandomNumbers random;

  /**
   * @param deviation as a part of the range
   */
  Normal(long count, double deviation, long seed) {
    this.count = count;
    this.deviation = deviation * count;
    this.random = new RandomNumbers(seed);
  }

  @Override
  public void seed(long seed) {
    random.seed(seed);
  }

  @Override
  public long next() {
    while (true) {
      double radius = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
      double normal = radius * Math.cos(2 * Math.PI * random.nextDouble());
      double value = count / 2.0 + normal * deviation;
      if (value >= 0 && value < count) {
        return (long) value;
      }
    }
  }
}
