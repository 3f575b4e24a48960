package sluice.bench.modes;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.job.JobSet;
import sluice.bench.modes.ModeResult.Case;
import sluice.bench.result.JobResult;
import sluice.bench.run.Bench;
import sluice.bench.run.RunOptions;
import sluice.nvme.CompletionMode;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;

/**
 * Measures the same load by polling, hybrid waits and interrupts. Modes take turns, in one order
 * and then in the other, so that what changes with time meets them alike; the drive is opened anew
 * for each, because the controller's queues are made for a mode. Used by one thread.
 */
public final class ModeComparison {
  private static final long MILLISECOND = 1_000_000;

  /** The first part of each measurement does not count. */
  private static final int RAMPS_PER_RUNTIME = 4;

  private final Opener opener;
  private final Load load;
  private final List<Shape> shapes;
  private final int rounds;
  private final Consumer<String> onProgress;
  private final Map<Case, List<Figures>> measured = new LinkedHashMap<>();

  /** Opens the drive for a mode. */
  @FunctionalInterface
  public interface Opener {
    /**
     * @throws NvmeException if the drive cannot be had
     */
    Target open(CompletionMode mode);
  }

  /**
   * A drive that is open.
   *
   * @param controller is closed with this
   * @param namespace what is measured
   */
  public record Target(NvmeController controller, Namespace namespace) implements AutoCloseable {
    @Override
    public void close() {
      controller.close();
    }
  }

  /**
   * What is measured.
   *
   * @param access what commands do; if they write, what the drive holds is lost
   * @param bytes per command
   * @param runtimeNanos of each measurement; at least a millisecond
   */
  public record Load(Access access, long bytes, long runtimeNanos) {
    public Load {
      if (runtimeNanos < MILLISECOND) {
        throw new IllegalArgumentException("a measurement takes at least a millisecond");
      }
    }
  }

  /**
   * @param rounds how often all is measured, 1 to 1000
   * @param onProgress told several times a second what is measured, in a line
   */
  public ModeComparison(
      Opener opener, Load load, List<Shape> shapes, int rounds, Consumer<String> onProgress) {
    if (rounds < 1 || rounds > 1000) {
      throw new IllegalArgumentException("1 to 1000 rounds are possible, not " + rounds);
    }
    this.opener = opener;
    this.load = load;
    this.shapes = List.copyOf(shapes);
    this.rounds = rounds;
    this.onProgress = onProgress;
  }

  /**
   * Measures all.
   *
   * @throws IllegalArgumentException if the drive cannot have such commands
   * @throws NvmeException if it fails one
   */
  public ModeResult run() {
    boolean hasInterrupts;
    int queues;
    try (Target target = opener.open(CompletionMode.POLLED)) {
      hasInterrupts = target.controller.hasInterrupts();
      queues = target.controller.maxIoQueues();
    }
    List<CompletionMode> modes =
        hasInterrupts ? List.of(CompletionMode.values()) : List.of(CompletionMode.POLLED);
    List<Shape> possible = shapes.stream().filter(shape -> shape.queues() <= queues).toList();
    for (Shape shape : possible) {
      modes.forEach(mode -> measured.put(new Case(shape, mode), new ArrayList<>()));
    }
    for (int round = 1; round <= rounds; round++) {
      for (CompletionMode mode : round % 2 == 1 ? modes : modes.reversed()) {
        measure(mode, possible, round);
      }
    }
    List<Shape> leftOut = shapes.stream().filter(shape -> !possible.contains(shape)).toList();
    return new ModeResult(hasInterrupts, leftOut, ModeResult.rows(measured));
  }

  private void measure(CompletionMode mode, List<Shape> possible, int round) {
    try (Target target = opener.open(mode)) {
      for (Shape shape : possible) {
        String line =
            "round %d of %d: %s, queues=%d depth=%d"
                .formatted(round, rounds, mode, shape.queues(), shape.depth());
        RunOptions options =
            RunOptions.standard()
                .withAllowWrite(load.access.writes())
                .withSharesThreads(mode == CompletionMode.POLLED)
                .withOnProgress(_ -> onProgress.accept(line));
        Bench bench = new Bench(jobs(shape), target.controller, target.namespace, options);
        JobResult job = bench.run().reportedJobs().getFirst();
        if (job.error() != 0) {
          throw new NvmeException(target.controller.address() + ": " + job.errorText());
        }
        measured.get(new Case(shape, mode)).add(Figures.of(job, load.access.direction()));
      }
    }
  }

  private JobSet jobs(Shape shape) {
    long millis = load.runtimeNanos / MILLISECOND;
    return CommandLineJobs.read(
        List.of(
            "--name=modes",
            "--rw=" + load.access,
            "--bs=" + load.bytes,
            "--iodepth=" + shape.depth(),
            "--numjobs=" + shape.queues(),
            "--group_reporting",
            "--time_based",
            "--ramp_time=" + Math.max(1, millis / RAMPS_PER_RUNTIME) + "ms",
            "--runtime=" + millis + "ms"));
  }
}
