package sluice.bench.load;

import sluice.bench.job.BlockSizes;

/** How long the next I/O of a direction is. */
final class BlockSizePicker {
  private final BlockSizes sizes;
  private final RandomNumbers random;
  private final int[] bytes;
  private final int[] upTo;

  BlockSizePicker(BlockSizes sizes, long seed) {
    this.sizes = sizes;
    this.random = new RandomNumbers(seed);
    this.bytes = sizes.shares().stream().mapToInt(BlockSizes.Share::bytes).toArray();
    this.upTo = new int[bytes.length];
    int percent = 0;
    for (int i = 0; i < bytes.length; i++) {
      percent += sizes.shares().get(i).percent();
      upTo[i] = percent;
    }
  }

  void seed(long seed) {
    random.seed(seed);
  }

  int next() {
    if (bytes.length > 0) {
      int percent = (int) random.below(100);
      int i = 0;
      while (percent >= upTo[i]) {
        i++;
      }
      return bytes[i];
    }
    if (sizes.isFixed()) {
      return sizes.least();
    }
    int units = sizes.most() / sizes.least();
    return sizes.least() * (1 + (int) random.below(units));
  }
}
