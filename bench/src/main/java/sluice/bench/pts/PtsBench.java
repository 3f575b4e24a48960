package sluice.bench.pts;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.pts.PtsResult.Figures;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.DriveInfo;
import sluice.bench.result.JobResult;
import sluice.bench.result.Merging;
import sluice.bench.run.Bench;
import sluice.bench.run.RunOptions;
import sluice.bench.run.WarmingUp;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;

/**
 * Does the tests of a plan, one after the other: purge, preconditioning, and rounds until the drive
 * is steady. What it holds is lost. Used by one thread, but for {@link #stop}.
 */
public final class PtsBench {
  private static final long MILLISECOND = 1_000_000;
  private static final int PRECONDITION_BYTES = 128 << 10;
  private static final int PRECONDITION_DEPTH = 32;
  private static final int PURGE_BYTES = 1 << 20;

  private final NvmeController controller;
  private final Namespace drive;
  private final PtsPlan plan;
  private final RunOptions options;
  private final Consumer<String> onProgress;
  private boolean isWarm;
  private volatile Bench running;
  private volatile boolean stopping;
  private DriveInfo info;

  /**
   * @param options how jobs are run; the drive is written whatever they say
   * @param onProgress told several times a second what goes on, in a line
   * @throws IllegalArgumentException if the drive cannot have that
   */
  public PtsBench(
      NvmeController controller,
      Namespace drive,
      PtsPlan plan,
      RunOptions options,
      Consumer<String> onProgress) {
    int largest =
        plan.tests().stream()
            .flatMap(test -> test.cells().stream())
            .mapToInt(Cell::bytes)
            .max()
            .orElseThrow();
    if (plan.bytes() > drive.bytes() || plan.bytes() < largest) {
      throw new IllegalArgumentException(
          "an active range of %d bytes at least and the drive's %d bytes at most, not %d"
              .formatted(largest, drive.bytes(), plan.bytes()));
    }
    if (plan.bytes() % PURGE_BYTES != 0) {
      throw new IllegalArgumentException(
          "an active range is a multiple of 1 MiB, and %d bytes are not".formatted(plan.bytes()));
    }
    this.controller = controller;
    this.drive = drive;
    this.plan = plan;
    this.options = options.withAllowWrite(true);
    this.onProgress = onProgress;
  }

  /** Ends it before its time: the rounds that are whole are the result. From any thread. */
  public void stop() {
    stopping = true;
    Bench bench = running;
    if (bench != null) {
      bench.stop();
    }
  }

  /**
   * Does all tests.
   *
   * @throws NvmeException if the drive fails a command
   */
  public PtsResult run() {
    List<PtsResult.Test> tests = new ArrayList<>();
    for (PtsTest test : plan.tests()) {
      if (!stopping) {
        tests.add(run(test));
      }
    }
    return new PtsResult(info, plan, tests, stopping);
  }

  private PtsResult.Test run(PtsTest test) {
    if (plan.purge() == PtsPlan.Purge.DEALLOCATE) {
      JobResult _ =
          job(
              test.title() + ": purge",
              "--rw=trim",
              "--bs=" + PURGE_BYTES,
              "--iodepth=4",
              "--size=" + plan.bytes());
    }
    double preconditioned = precondition(test);
    List<Map<Cell, Figures>> rounds = new ArrayList<>();
    PtsResult.Test result = new PtsResult.Test(test, preconditioned, rounds);
    while (!stopping && !result.isSteady() && rounds.size() < plan.mostRounds()) {
      Map<Cell, Figures> round = round(test, rounds.size() + 1);
      if (!stopping) {
        rounds.add(round);
      }
      result = new PtsResult.Test(test, preconditioned, rounds);
    }
    return result;
  }

  /** Writes the active range so often, whatever the test does. */
  private double precondition(PtsTest test) {
    double rate = 0;
    for (int time = 1; time <= plan.preconditions() && !stopping; time++) {
      JobResult job =
          job(
              "%s: preconditioning, %d of %d".formatted(test.title(), time, plan.preconditions()),
              "--rw=write",
              "--bs=" + PRECONDITION_BYTES,
              "--iodepth=" + Math.min(PRECONDITION_DEPTH, controller.maxQueueDepth()),
              "--size=" + plan.bytes());
      rate = job.direction(Direction.WRITE).bytesPerSecond();
    }
    return rate;
  }

  private Map<Cell, Figures> round(PtsTest test, int number) {
    Map<Cell, Figures> round = new LinkedHashMap<>();
    for (Cell cell : test.cells()) {
      if (cell.bytes() % drive.blockSize() == 0 && !stopping) {
        String what = "%s: round %d, %s".formatted(test.title(), number, cell);
        round.put(cell, figures(job(what, arguments(test, cell))));
      }
    }
    return round;
  }

  private String[] arguments(PtsTest test, Cell cell) {
    int reads = cell.readPercent();
    String way = reads == 100 ? "read" : reads == 0 ? "write" : "rw";
    return new String[] {
      "--rw=" + (test.isSequential() ? "" : "rand") + way,
      "--rwmixread=" + reads,
      "--bs=" + cell.bytes(),
      "--iodepth=" + (test.isSingle() ? 1 : plan.depth()),
      "--numjobs=" + (test.isSingle() ? 1 : plan.threads()),
      "--size=" + plan.bytes(),
      "--norandommap",
      "--refill_buffers",
      "--time_based",
      "--runtime=" + plan.roundNanos() / MILLISECOND + "ms"
    };
  }

  private static Figures figures(JobResult job) {
    DirectionResult all = Merging.mixed(job).direction(Direction.READ);
    return new Figures(
        all.iosPerSecond(),
        all.bytesPerSecond(),
        all.completion().exact().mean(),
        all.completion().isEmpty() ? 0 : all.completion().percentileNanos(99.999),
        all.completion().exact().max());
  }

  private JobResult job(String what, String... arguments) {
    List<String> all =
        new ArrayList<>(List.of("--name=pts", "--filename=drive", "--group_reporting"));
    all.addAll(List.of(arguments));
    RunOptions how =
        options
            .withOnProgress(progress -> onProgress.accept(what))
            .withWarmingUp(isWarm ? WarmingUp.NONE : options.warmingUp());
    isWarm = true;
    Bench bench = new Bench(CommandLineJobs.read(all), controller, drive, how);
    running = bench;
    if (stopping) {
      bench.stop();
    }
    var result = bench.run();
    info = result.drive();
    JobResult job = result.reportedJobs().getFirst();
    if (job.error() != 0) {
      throw new NvmeException(controller.address() + ": " + what + ": " + job.errorText());
    }
    return job;
  }
}
