package sluice.bench.pass;

import java.util.function.BooleanSupplier;
import sluice.bench.run.WarmingUp;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;

/**
 * Has passes compiled before the first one that counts, on a drive in memory that does nothing. The
 * drive that is measured sees nothing of it.
 */
public final class PassWarmer {
  private static final long PART_BYTES = 64 << 20;

  private PassWarmer() {}

  /**
   * Writes and reads for as long as the warm-up may take.
   *
   * @param drive whose size and blocks it has
   * @param isStopped whether the measurement was asked to end
   */
  public static void warm(
      Namespace drive, int chunk, int depth, WarmingUp how, BooleanSupplier isStopped) {
    if (how.mostNanos() == 0) {
      return;
    }
    long begin = System.nanoTime();
    long bytes = Math.min(drive.bytes(), Math.ceilDiv(PART_BYTES, chunk) * (long) chunk);
    try (NvmeController nothing = how.drive().open(drive.bytes(), drive.blockSize());
        Pass pass =
            new Pass(
                nothing,
                nothing.namespaces().getFirst(),
                chunk,
                Math.min(depth, nothing.maxQueueDepth()),
                Long.MAX_VALUE / 2,
                System::nanoTime)) {
      boolean reads = false;
      while (!isStopped.getAsBoolean() && System.nanoTime() - begin < how.mostNanos()) {
        long _ = pass.run(new Pass.Part(reads, false, 0, bytes), (done, now) -> {});
        reads = !reads;
      }
    }
  }
}
