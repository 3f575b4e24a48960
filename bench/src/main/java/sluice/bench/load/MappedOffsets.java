package sluice.bench.load;

import sluice.bench.result.Direction;

/** Blocks of one size, each once in an order that looks drawn; then all again in another order. */
final class MappedOffsets extends Offsets {
  private final int block;
  private long seed;
  private final Permutation order;
  private long place;
  private long pass;

  MappedOffsets(long bytes, int block, long seed) {
    this.block = block;
    this.seed = seed;
    this.order = new Permutation(bytes / block, seed);
  }

  @Override
  public void next(Direction direction, int wanted) {
    if (place == order.count()) {
      place = 0;
      pass++;
      order.seed(seed + pass);
    }
    offset = order.at(place++) * block;
    length = block;
  }

  @Override
  public boolean isAtEndOfPass() {
    return place == order.count();
  }

  @Override
  public void restart(long newSeed) {
    seed = newSeed;
    place = 0;
    pass = 0;
    order.seed(seed);
  }
}
