package sluice.bench.load;

/**
 * An order of the numbers from 0 to less than {@code n} that looks drawn, in which each comes once:
 * what a random map is for, without its memory.
 *
 * <p>A mixing that can be undone (multiplication by odd numbers, exclusive or with itself shifted)
 * on the next power of two, where results that are too large are mixed on until they fit. So fewer
 * than two steps are made per number on average.
 */
final class Permutation {
  private final long count;
  private final int bits;
  private final long mask;
  private final int shift;
  private long add;
  private long factor1;
  private long factor2;

  /**
   * @param count how many numbers, 1 or more
   */
  Permutation(long count, long seed) {
    if (count < 1) {
      throw new IllegalArgumentException("nothing can be put in no order: " + count);
    }
    this.count = count;
    this.bits = Math.max(1, Long.SIZE - Long.numberOfLeadingZeros(count - 1));
    this.mask = bits == Long.SIZE ? -1 : (1L << bits) - 1;
    this.shift = Math.max(1, (bits + 1) / 2);
    seed(seed);
  }

  long count() {
    return count;
  }

  /** Another order. */
  void seed(long seed) {
    long one = RandomNumbers.mix(seed + 0x632be59bd9b4e019L);
    add = one;
    factor1 = RandomNumbers.mix(one + 1) | 1;
    factor2 = RandomNumbers.mix(one + 2) | 1;
  }

  /** The number at a place, both from 0 to less than {@link #count}. */
  long at(long place) {
    assert place >= 0 && place < count : place;
    long value = place;
    do {
      value = mix(value);
    } while (value >= count);
    return value;
  }

  private long mix(long value) {
    long x = (value + add) & mask;
    x ^= x >>> shift;
    x = x * factor1 & mask;
    x ^= x >>> shift;
    x = x * factor2 & mask;
    x ^= x >>> shift;
    return (x + (add >>> 32)) & mask;
  }
}
