package sluice.cli;

import sluice.bench.run.WarmingUp;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;

/** A drive in memory that does nothing, on which benchmarks warm up. */
final class NothingDrive {
  private NothingDrive() {}

  /**
   * How to warm up on it.
   *
   * @param mostNanos for how long at the most; 0 for not at all
   */
  static WarmingUp warmingUp(long mostNanos) {
    return new WarmingUp(mostNanos, NothingDrive::open);
  }

  private static NvmeController open(long bytes, int blockBytes) {
    return Drives.open("virtual:null?size=%d&lba=%d&thread=shared".formatted(bytes, blockBytes));
  }
}
