package sluice.bench.load;

/** The numbers of another distribution, each so much further on, and round at the end. */
final class Shifted implements Distribution {
  private final Distribution of;
  private final long count;
  private final long shift;

  /**
   * @param count how many numbers
   * @param likeliest the number that comes most often
   * @param centre where it shall be, as a part of the range, from 0 to 1; NaN for where it is
   */
  static Distribution to(Distribution of, long count, long likeliest, double centre) {
    if (Double.isNaN(centre)) {
      return of;
    }
    long wanted = Math.min(count - 1, (long) (centre * count));
    return new Shifted(of, count, Math.floorMod(wanted - likeliest, count));
  }

  private Shifted(Distribution of, long count, long shift) {
    this.of = of;
    this.count = count;
    this.shift = shift;
  }

  @Override
  public void seed(long seed) {
    of.seed(seed);
  }

  @Override
  public long next() {
    long number = of.next() + shift;
    return number < count ? number : number - count;
  }
}
