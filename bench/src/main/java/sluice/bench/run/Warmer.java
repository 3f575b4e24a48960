package sluice.bench.run;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.result.JobResult;
import sluice.bench.result.LogSink;
import sluice.bench.result.WarmUp;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.support.Closing;

/**
 * Warms up: each job of a run goes for a moment, in turns, until their rates stand still. So what
 * is measured then is done by compiled code from the first I/O on.
 */
final class Warmer {
  private static final long TURN_NANOS = 60_000_000;
  private static final int STEADY_TURNS = 3;
  private static final double STEADY_SHARE = 0.9;
  private static final long MOST_MEMORY = 64 << 20;

  /** By how much time goes faster for jobs that wait by themselves. */
  private static final long HURRY = 1000;

  private final RunOptions options;
  private final BooleanSupplier isStopped;
  private final List<Warming> jobs = new ArrayList<>();

  /** A job that is warmed up, and its last rates. */
  private record Warming(JobOptions job, Plan plan, long hurry, Deque<Double> rates) {
    boolean isSteady() {
      double best = rates.stream().mapToDouble(rate -> rate).max().orElse(0);
      return rates.size() == STEADY_TURNS
          && rates.stream().allMatch(rate -> rate >= best * STEADY_SHARE);
    }
  }

  /**
   * @param isStopped whether the run was asked to end
   */
  Warmer(List<List<Clone>> batches, RunOptions options, BooleanSupplier isStopped) {
    this.options = options;
    this.isStopped = isStopped;
    Map<JobOptions, Clone> first = new LinkedHashMap<>();
    batches.forEach(batch -> batch.forEach(clone -> first.putIfAbsent(clone.job(), clone)));
    for (Clone clone : first.values()) {
      JobOptions job = clone.job();
      // What verifies alone ends with its data, and large buffers take longer to make than to use.
      if (!job.get(Options.VERIFY_ONLY)
          && (long) job.get(Options.IODEPTH) * job.greatestBlock() <= MOST_MEMORY) {
        jobs.add(warming(job, clone.plan()));
      }
    }
  }

  private static Warming warming(JobOptions job, Plan plan) {
    boolean waits =
        job.get(Options.THINKTIME) > 0
            || job.directions().stream()
                .anyMatch(way ->
                    job.get(Options.RATE).of(way) > 0 || job.get(Options.RATE_IOPS).of(way) > 0);
    long hurry = waits ? HURRY : 1;
    Limits limits = new Limits(false, Long.MAX_VALUE, 1, false, Long.MAX_VALUE, TURN_NANOS * hurry);
    Plan warm =
        new Plan(
            plan.number(),
            plan.group(),
            plan.region(),
            limits,
            0,
            plan.pauseNanos(),
            Outliers.NONE,
            plan.mostIntervals(),
            plan.tellsDrives(),
            plan.seed());
    return new Warming(job, warm, hurry, new ArrayDeque<>());
  }

  /** Warms up on drives of the sizes and the blocks of those. */
  WarmUp run(List<Namespace> drives) {
    long start = System.nanoTime();
    WarmingUp how = options.warmingUp();
    if (how.mostNanos() == 0 || jobs.isEmpty()) {
      return WarmUp.NONE;
    }
    boolean isSteady = false;
    List<Target> there = new ArrayList<>();
    try {
      for (Namespace drive : drives) {
        NvmeController nothing = how.drive().open(drive.bytes(), drive.blockSize());
        there.add(new Target(nothing, nothing.namespaces().getFirst(), null));
      }
      while (!isSteady && !isOver(start)) {
        for (Warming each : jobs) {
          if (!isOver(start)) {
            turn(each, there);
          }
        }
        isSteady = jobs.stream().allMatch(Warming::isSteady);
      }
    } finally {
      Closing.all(there, target -> target.controller().close());
    }
    return new WarmUp(System.nanoTime() - start, isSteady);
  }

  private boolean isOver(long start) {
    return isStopped.getAsBoolean() || System.nanoTime() - start >= options.warmingUp().mostNanos();
  }

  private void turn(Warming each, List<Target> there) {
    // The very clock of the run: code that knows another one is compiled anew for it.
    LongSupplier clock = options.nanoClock();
    if (each.hurry() > 1) {
      long base = System.nanoTime();
      clock = () -> base + (System.nanoTime() - base) * each.hurry();
    }
    // Without a start delay.
    RunOptions warm =
        RunOptions.standard()
            .withTimeScale(Double.MIN_NORMAL)
            .withAllowWrite(true)
            .withThreads(1)
            .withNanoClock(clock);
    try (Batch batch = new Batch(List.of(clone(each)), there, warm)) {
      long now = clock.getAsLong();
      for (JobResult result : batch.run(now, 0, new Snapshots(0, now, results -> {}))) {
        each.rates().addLast(result.ios() * 1e3 / result.runtimeMillis());
        if (each.rates().size() > STEADY_TURNS) {
          each.rates().removeFirst();
        }
      }
    }
  }

  private static Clone clone(Warming each) {
    try {
      JobLogs logs = new JobLogs(each.job(), 1, LogSink.NONE, new LogBudget());
      return new Clone(each.job(), each.plan(), logs);
    } catch (IOException e) {
      throw new IllegalStateException("nothing is written", e);
    }
  }
}
