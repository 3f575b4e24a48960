package sluice.bench.pass;

import java.util.function.LongSupplier;
import sluice.bench.run.WarmingUp;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;

/**
 * A part of a drive from its begin on, how passes go over it, and how they are ended. Used by one
 * thread, but for {@link #stop}.
 */
public final class PassMaker {
  private final NvmeController controller;
  private final Namespace drive;
  private final Shape shape;
  private final WarmingUp warmingUp;
  private final LongSupplier clock;
  private volatile Pass running;
  private volatile boolean stopping;

  /**
   * How passes go.
   *
   * @param bytes how much of the drive they are over, at least a chunk and at most all
   * @param chunk bytes of each command
   * @param depth how many are out at a time
   * @param pauseNanos how long a silence of the drive is a pause
   */
  public record Shape(long bytes, int chunk, int depth, long pauseNanos) {}

  /**
   * @param clock nanoseconds that only go up
   * @throws IllegalArgumentException if the drive has not so much
   */
  public PassMaker(
      NvmeController controller,
      Namespace drive,
      Shape shape,
      WarmingUp warmingUp,
      LongSupplier clock) {
    if (shape.bytes() < shape.chunk() || shape.bytes() > drive.bytes()) {
      throw new IllegalArgumentException(
          "a chunk of %d bytes at least and the drive's %d bytes at most can be used, not %d"
              .formatted(shape.chunk(), drive.bytes(), shape.bytes()));
    }
    this.controller = controller;
    this.drive = drive;
    this.shape = shape;
    this.warmingUp = warmingUp;
    this.clock = clock;
  }

  /** Ends the pass that goes on before its time, and each that comes. From any thread. */
  public void stop() {
    stopping = true;
    Pass pass = running;
    if (pass != null) {
      pass.stop();
    }
  }

  /** Whether {@link #stop} was called. */
  public boolean isStopped() {
    return stopping;
  }

  /**
   * A queue and memory for passes, to be closed.
   *
   * @throws IllegalArgumentException if the drive cannot have such commands
   */
  public Pass open() {
    Pass pass =
        new Pass(controller, drive, shape.chunk(), shape.depth(), shape.pauseNanos(), clock);
    running = pass;
    if (stopping) {
      pass.stop();
    }
    return pass;
  }

  /** As {@link PassWarmer#warm}, with the shape of these passes. */
  public double warm() {
    return PassWarmer.warm(drive, shape.chunk(), shape.depth(), warmingUp, () -> stopping);
  }

  /** The time by the clock. */
  public long now() {
    return clock.getAsLong();
  }
}
