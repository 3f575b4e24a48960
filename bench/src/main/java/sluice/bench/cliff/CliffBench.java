package sluice.bench.cliff;

import java.util.function.DoubleConsumer;
import java.util.function.LongSupplier;
import sluice.bench.pass.Pass;
import sluice.bench.pass.PassWarmer;
import sluice.bench.run.WarmingUp;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;

/**
 * Writes a drive from its begin, one chunk after the other, and looks where its rate falls. What
 * the drive holds there is lost. Used by one thread, but for {@link #stop}.
 */
public final class CliffBench {
  private final NvmeController controller;
  private final Namespace drive;
  private final Load load;
  private final WarmingUp warmingUp;
  private final LongSupplier clock;
  private final DoubleConsumer onProgress;
  private volatile Pass running;
  private volatile boolean stopping;

  /**
   * How it is written.
   *
   * @param bytes how much, at least a chunk and at most the drive
   * @param chunk bytes of each command
   * @param depth how many are out at a time
   * @param pauseNanos how long a silence of the drive is a pause
   */
  public record Load(long bytes, int chunk, int depth, long pauseNanos) {}

  /**
   * @param clock nanoseconds that only go up
   * @param onProgress told now and then how much is done, from 0 to 1
   * @throws IllegalArgumentException if the drive cannot be written so
   */
  public CliffBench(
      NvmeController controller,
      Namespace drive,
      Load load,
      WarmingUp warmingUp,
      LongSupplier clock,
      DoubleConsumer onProgress) {
    if (load.bytes < load.chunk || load.bytes > drive.bytes()) {
      throw new IllegalArgumentException(
          "a chunk of %d bytes at least and the drive's %d bytes at most can be written, not %d"
              .formatted(load.chunk, drive.bytes(), load.bytes));
    }
    if (load.bytes % drive.blockSize() != 0) {
      throw new IllegalArgumentException(
          "%d bytes are not a whole number of the drive's blocks of %d"
              .formatted(load.bytes, drive.blockSize()));
    }
    this.controller = controller;
    this.drive = drive;
    this.load = load;
    this.warmingUp = warmingUp;
    this.clock = clock;
    this.onProgress = onProgress;
  }

  /** Ends it before its time: what was measured until now is the result. From any thread. */
  public void stop() {
    stopping = true;
    Pass pass = running;
    if (pass != null) {
      pass.stop();
    }
  }

  /**
   * Writes, and finds the cliff.
   *
   * @throws NvmeException if the drive fails a write
   */
  public CliffResult run() {
    try (Pass pass = pass()) {
      double _ = PassWarmer.warm(drive, load.chunk, load.depth, warmingUp, () -> stopping);
      Steps steps = new Steps(load.bytes, load.chunk, load.depth, clock.getAsLong(), onProgress);
      long done = pass.run(new Pass.Part(false, false, 0, load.bytes), steps);
      return steps.result(pass, done);
    }
  }

  private Pass pass() {
    Pass pass = new Pass(controller, drive, load.chunk, load.depth, load.pauseNanos, clock);
    running = pass;
    if (stopping) {
      pass.stop();
    }
    return pass;
  }
}
