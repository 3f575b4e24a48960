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
   * Writes and reads for as long as the warm-up may take, with data as it is and with data that is
   * made.
   *
   * @param drive whose size and blocks it has
   * @param isStopped whether the measurement was asked to end
   * @return how fast data that says where it belongs can be made, in bytes per second; 0 if there
   *     is no warm-up
   */
  public static double warm(
      Namespace drive, int chunk, int depth, WarmingUp how, BooleanSupplier isStopped) {
    if (how.mostNanos() == 0) {
      return 0;
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
      double best = 0;
      while (!isStopped.getAsBoolean() && System.nanoTime() - begin < how.mostNanos()) {
        long _ = pass.run(new Pass.Part(false, false, 0, bytes), (done, now) -> {});
        long _ = pass.run(new Pass.Part(true, false, 0, bytes), (done, now) -> {});
        long start = System.nanoTime();
        long made = pass.run(new Pass.Part(false, true, 0, bytes), (done, now) -> {});
        best = Math.max(best, made * 1e9 / Math.max(1, System.nanoTime() - start));
      }
      return best;
    }
  }
}
