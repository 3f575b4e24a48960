package sluice.bench.run;

import sluice.nvme.NvmeController;

/**
 * How a run is warmed up before its first I/O: its jobs do for a while what they will do, on a
 * drive in memory that does nothing. The drive that is measured sees nothing of it.
 *
 * @param mostNanos after how long it ends though rates do not stand still; 0 for no warm-up
 * @param drive where it is done
 */
public record WarmingUp(long mostNanos, Opener drive) {
  /** No warm-up. */
  public static final WarmingUp NONE =
      new WarmingUp(
          0,
          (bytes, blockBytes) -> {
            throw new IllegalStateException("there is no warm-up");
          });

  /** Opens a drive that does nothing. */
  @FunctionalInterface
  public interface Opener {
    /**
     * @param bytes of the drive that is measured
     * @param blockBytes of its blocks
     * @return is closed after the warm-up
     * @throws RuntimeException if there is none of that kind
     */
    NvmeController open(long bytes, int blockBytes);
  }

  public WarmingUp {
    if (mostNanos < 0) {
      throw new IllegalArgumentException("a warm-up takes 0 or more, not " + mostNanos);
    }
  }
}
