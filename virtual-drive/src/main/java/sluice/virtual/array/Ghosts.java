package sluice.virtual.array;

/**
 * Which lines were evicted lately, without their bytes: a line that comes back soon is worth a
 * better place. Of a line is kept a part of a hash and when it was evicted, in a group of few
 * places that its hash chooses; a line may be forgotten early, or be taken for another one, which
 * costs a place and nothing else.
 */
final class Ghosts {
  private static final int PLACES = 4;
  private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;
  private static final long LOW_INT = 0xffff_ffffL;

  /** How many evictions a line is remembered for. */
  private final int most;

  private final int mask;

  /** The high half of a place is a part of the hash, never 0; the low half when it was. */
  private final long[] places;

  /** Counts evictions; runs over. */
  private int now;

  /**
   * @param most how many evictions a line is remembered for, more than 0
   */
  Ghosts(int most) {
    this.most = most;
    int groups = Integer.highestOneBit(Math.max(1, most / PLACES)) * 2;
    this.mask = groups - 1;
    this.places = new long[groups * PLACES];
  }

  private static long hash(long key) {
    long mixed = key * GOLDEN;
    return mixed ^ (mixed >>> 29);
  }

  private int first(long hash) {
    return ((int) hash & mask) * PLACES;
  }

  private static long part(long hash) {
    return (hash & ~LOW_INT) | (1L << 32);
  }

  /** A line was evicted. */
  void add(long key) {
    long hash = hash(key);
    int first = first(hash);
    int oldest = first;
    for (int at = first; at < first + PLACES; at++) {
      if (places[at] == 0) {
        oldest = at;
        break;
      }
      if (age(places[at]) > age(places[oldest])) {
        oldest = at;
      }
    }
    places[oldest] = part(hash) | (now & LOW_INT);
    now++;
  }

  /** Whether a line was evicted lately. */
  boolean has(long key) {
    long hash = hash(key);
    int first = first(hash);
    long part = part(hash);
    for (int at = first; at < first + PLACES; at++) {
      long place = places[at];
      if ((place & ~LOW_INT) == part && age(place) <= most) {
        return true;
      }
    }
    return false;
  }

  private long age(long place) {
    return (now - (int) place) & LOW_INT;
  }
}
