package sluice.bench.job;

import java.util.SplittableRandom;

/**
 * The option {@code filesize}: how long each of a job's files is, always the same or drawn from a
 * range.
 *
 * @param least the shortest
 * @param most the longest
 */
public record FileSize(Extent least, Extent most) {
  /** None is given. */
  public static final FileSize NONE = new FileSize(Extent.NONE, Extent.NONE);

  static FileSize parse(String text, int base) {
    int dash = text.indexOf('-', 1);
    if (dash < 0) {
      Extent size = Extent.parse(text, base);
      return new FileSize(size, size);
    }
    Extent one = new Extent(Values.size(text.substring(0, dash), base), 0);
    Extent other = new Extent(Values.size(text.substring(dash + 1), base), 0);
    return one.bytes() > other.bytes() ? new FileSize(other, one) : new FileSize(one, other);
  }

  /** Whether it says anything. */
  public boolean isGiven() {
    return most.isGiven();
  }

  /**
   * In bytes.
   *
   * @param whole of which it may be a part
   * @param seed of the file's own
   */
  long of(long whole, long seed) {
    long from = least.of(whole);
    long to = most.of(whole);
    return from == to ? from : new SplittableRandom(seed).nextLong(from, to + 1);
  }
}
