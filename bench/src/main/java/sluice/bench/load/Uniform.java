package sluice.bench.load;

/** Every number as likely as any other, again and again. */
final class Uniform implements Distribution {
  private final long count;
  private final RandomNumbers random;

  Uniform(long count, long seed) {
    this.count = count;
    this.random = new RandomNumbers(seed);
  }

  @Override
  public void seed(long seed) {
    random.seed(seed);
  }

  @Override
  public long next() {
    return random.below(count);
  }
}
