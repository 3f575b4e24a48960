package sluice.bench.load;

import sluice.bench.job.RwMode;
import sluice.bench.result.Direction;

/** Which way the next I/O goes. */
final class DirectionPicker {
  private final RwMode mode;
  private final double reads;
  private final RandomNumbers random;

  /**
   * @param reads how many of the I/Os of a mixed mode are reads, as a fraction
   */
  DirectionPicker(RwMode mode, double reads, long seed) {
    this.mode = mode;
    this.reads = reads;
    this.random = new RandomNumbers(seed);
  }

  void seed(long seed) {
    random.seed(seed);
  }

  Direction next() {
    if (mode.isMixed()) {
      return random.nextDouble() < reads ? Direction.READ : Direction.WRITE;
    }
    return mode.reads() ? Direction.READ : mode.trims() ? Direction.TRIM : Direction.WRITE;
  }
}
