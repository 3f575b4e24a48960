package sluice.bench.load;

import java.util.Arrays;
import sluice.bench.result.Direction;

/**
 * Blocks of several sizes at places that look drawn, so that each unit is covered once before any
 * is again. An I/O ends where the next unit is covered already.
 */
final class CoveringOffsets extends Offsets {
  private final int unit;
  private long seed;
  private final Permutation order;
  private final long[] covered;
  private long place;
  private long left;
  private long pass;

  CoveringOffsets(long bytes, int unit, long seed) {
    this.unit = unit;
    this.seed = seed;
    long units = bytes / unit;
    this.order = new Permutation(units, seed);
    this.covered = new long[Math.toIntExact((units + Long.SIZE - 1) / Long.SIZE)];
    this.left = units;
  }

  /** What the map of what is covered needs. */
  static long mapBytes(long bytes, int unit) {
    return bytes / unit / Byte.SIZE;
  }

  @Override
  public void next(Direction direction, int wanted) {
    if (left == 0) {
      begin(pass + 1);
    }
    long at = nextUncovered(order.at(place++));
    long most = Math.min(wanted / unit, order.count() - at);
    long units = 0;
    while (units < most && !isCovered(at + units)) {
      covered[(int) ((at + units) >>> 6)] |= 1L << (at + units);
      units++;
    }
    left -= units;
    offset = at * unit;
    length = (int) units * unit;
  }

  /** The unit itself, or the first behind it, or the first of all; there has to be one. */
  private long nextUncovered(long from) {
    int word = (int) (from >>> 6);
    long free = ~covered[word] & -1L << from;
    while (free == 0) {
      word = word + 1 == covered.length ? 0 : word + 1;
      free = ~covered[word];
    }
    long at = ((long) word << 6) + Long.numberOfTrailingZeros(free);
    // The last word has bits that stand for nothing.
    return at < order.count() ? at : nextUncovered(0);
  }

  private boolean isCovered(long at) {
    return (covered[(int) (at >>> 6)] >>> at & 1) != 0;
  }

  private void begin(long newPass) {
    pass = newPass;
    place = 0;
    left = order.count();
    order.seed(seed + pass);
    Arrays.fill(covered, 0);
  }

  @Override
  public boolean isAtEndOfPass() {
    return left == 0;
  }

  @Override
  public void restart(long newSeed) {
    seed = newSeed;
    begin(0);
  }
}
