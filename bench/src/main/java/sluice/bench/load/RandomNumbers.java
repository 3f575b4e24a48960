package sluice.bench.load;

/** Numbers that look drawn and follow from a seed (SplitMix64). May begin again. */
final class RandomNumbers {
  private static final long GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  RandomNumbers(long seed) {
    seed(seed);
  }

  /** Begins again. */
  void seed(long seed) {
    // Seeds that are near each other must not give sequences that overlap.
    state = mix(seed + GAMMA);
  }

  long nextLong() {
    state += GAMMA;
    return mix(state);
  }

  /**
   * From 0 to less than a bound, which is more than 0. One in 2^64 / bound is likelier than it
   * should be.
   */
  long below(long bound) {
    return Math.unsignedMultiplyHigh(nextLong(), bound);
  }

  /** From 0 to less than 1. */
  double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
