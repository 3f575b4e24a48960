package sluice.bench.modes;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import sluice.bench.job.JobSet;
import sluice.bench.modes.LayoutResult.Case;
import sluice.bench.modes.LayoutResult.Measured;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.DriveShare;
import sluice.bench.result.JobResult;
import sluice.bench.run.Bench;
import sluice.bench.run.QueueLayout;
import sluice.bench.run.RunOptions;
import sluice.bench.run.Target;
import sluice.bench.run.WarmingUp;
import sluice.nvme.NvmeException;

/**
 * Measures the same jobs with queues laid out in several ways, on drives that stay open. Layouts
 * take turns, in one order and then in the other, so that what changes with time meets them alike.
 * Used by one thread.
 */
public final class LayoutComparison {
  private final JobSet jobs;
  private final List<Target> targets;
  private final RunOptions options;
  private final List<QueueLayout> layouts;
  private final int rounds;
  private final Consumer<String> onProgress;
  private final Map<Case, Map<QueueLayout, List<Measured>>> measured = new LinkedHashMap<>();
  private final Set<String> warnings = new LinkedHashSet<>();

  /**
   * @param targets at least one; jobs choose from them by their {@code filename}
   * @param options of all runs
   * @param layouts at least one, each once
   * @param rounds how often all is measured, 1 to 1000
   * @param onProgress told several times a second what is measured, in a line
   * @throws IllegalArgumentException if a drive has fewer queues than a layout
   */
  public LayoutComparison(
      JobSet jobs,
      List<Target> targets,
      RunOptions options,
      List<QueueLayout> layouts,
      int rounds,
      Consumer<String> onProgress) {
    if (rounds < 1 || rounds > 1000) {
      throw new IllegalArgumentException("1 to 1000 rounds are possible, not " + rounds);
    }
    if (layouts.isEmpty()) {
      throw new IllegalArgumentException("there is no layout to measure: give one, as 4/0/0");
    }
    if (layouts.stream().distinct().count() < layouts.size()) {
      throw new IllegalArgumentException("each layout is compared once: leave the second one out");
    }
    for (QueueLayout layout : layouts) {
      for (Target target : targets) {
        int most = target.controller().maxIoQueues();
        if (layout.count() > most) {
          throw new IllegalArgumentException(
              "%s are %d queues, and %s has %d"
                  .formatted(layout, layout.count(), target.controller().address(), most));
        }
      }
    }
    this.jobs = jobs;
    this.targets = List.copyOf(targets);
    this.options = options;
    this.layouts = List.copyOf(layouts);
    this.rounds = rounds;
    this.onProgress = onProgress;
  }

  /**
   * Measures all.
   *
   * @throws IllegalArgumentException if a job does not fit the drives
   * @throws NvmeException if a job fails
   */
  public LayoutResult run() {
    RunOptions how = options;
    for (int round = 1; round <= rounds; round++) {
      for (QueueLayout layout : round % 2 == 1 ? layouts : layouts.reversed()) {
        measure(how, layout, round);
        // What is warm stays so.
        how = options.withWarmingUp(WarmingUp.NONE);
      }
    }
    return LayoutResult.of(inOrder(), List.copyOf(warnings));
  }

  private void measure(RunOptions how, QueueLayout layout, int round) {
    String line = "round %d of %d: queues %s".formatted(round, rounds, layout);
    RunOptions with = how.withQueues(layout).withOnProgress(_ -> onProgress.accept(line));
    BenchResult result = new Bench(jobs, targets, with).run();
    warnings.addAll(result.warnings());
    List<JobResult> results = result.reportedJobs();
    for (int number = 0; number < results.size(); number++) {
      JobResult job = results.get(number);
      if (!job.isClean()) {
        throw new NvmeException("job %s failed: %s".formatted(job.name(), job.errorText()));
      }
      for (Direction direction : Direction.values()) {
        if (job.direction(direction).ios() > 0) {
          add(new Case(number, job.name(), direction, LayoutResult.ALL), layout, job);
        }
        for (DriveShare share : job.drives()) {
          if (share.direction(direction).ios() > 0 && job.drives().size() > 1) {
            Case key = new Case(number, job.name(), direction, share.drive());
            add(key, layout, figures(share.direction(direction)));
          }
        }
      }
    }
  }

  private void add(Case key, QueueLayout layout, JobResult job) {
    add(
        key,
        layout,
        new Measured(
            Figures.of(job, key.direction()), job.direction(key.direction()).bytesPerSecond()));
  }

  private void add(Case key, QueueLayout layout, Measured round) {
    measured
        .computeIfAbsent(key, _ -> new LinkedHashMap<>())
        .computeIfAbsent(layout, _ -> new ArrayList<>())
        .add(round);
  }

  private static Measured figures(DirectionResult share) {
    return new Measured(
        new Figures(
            share.iosPerSecond(),
            share.completion().percentileNanos(50),
            share.completion().percentileNanos(99),
            share.completion().percentileNanos(99.9),
            0),
        share.bytesPerSecond());
  }

  /** By layouts as they were given; a second round has them the other way round. */
  private Map<Case, Map<QueueLayout, List<Measured>>> inOrder() {
    Map<Case, Map<QueueLayout, List<Measured>>> ordered = new LinkedHashMap<>();
    measured.forEach((key, those) -> {
      Map<QueueLayout, List<Measured>> row = new LinkedHashMap<>();
      layouts.stream()
          .filter(those::containsKey)
          .forEach(layout -> row.put(layout, those.get(layout)));
      ordered.put(key, row);
    });
    return ordered;
  }
}
