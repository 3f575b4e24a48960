package sluice.bench.cliff;

import java.util.function.DoubleConsumer;
import java.util.function.LongSupplier;
import sluice.bench.pass.Pass;
import sluice.bench.pass.PassMaker;
import sluice.bench.run.WarmingUp;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;

/**
 * Writes a drive from its begin, one chunk after the other, and looks where its rate falls. What
 * the drive holds there is lost. Used by one thread, but for {@link #stop}.
 */
public final class CliffBench {
  private final PassMaker.Shape shape;
  private final PassMaker passes;
  private final DoubleConsumer onProgress;

  /**
   * @param shape how it is written
   * @param clock nanoseconds that only go up
   * @param onProgress told now and then how much is done, from 0 to 1
   * @throws IllegalArgumentException if the drive cannot be written so
   */
  public CliffBench(
      NvmeController controller,
      Namespace drive,
      PassMaker.Shape shape,
      WarmingUp warmingUp,
      LongSupplier clock,
      DoubleConsumer onProgress) {
    this.passes = new PassMaker(controller, drive, shape, warmingUp, clock);
    if (shape.bytes() % drive.blockSize() != 0) {
      throw new IllegalArgumentException(
          "%d bytes are not a whole number of the drive's blocks of %d"
              .formatted(shape.bytes(), drive.blockSize()));
    }
    this.shape = shape;
    this.onProgress = onProgress;
  }

  /** Ends it before its time: what was measured until now is the result. From any thread. */
  public void stop() {
    passes.stop();
  }

  /**
   * Writes, and finds the cliff.
   *
   * @throws NvmeException if the drive fails a write
   */
  public CliffResult run() {
    try (Pass pass = passes.open()) {
      double _ = passes.warm();
      Steps steps =
          new Steps(shape.bytes(), shape.chunk(), shape.depth(), passes.now(), onProgress);
      long done = pass.run(new Pass.Part(false, false, 0, shape.bytes()), steps);
      return steps.result(pass, done);
    }
  }
}
