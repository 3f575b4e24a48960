package sluice.bench.run;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import sluice.bench.job.JobSet;
import sluice.bench.result.BenchResult;
import sluice.bench.result.RoundCollector;
import sluice.bench.result.Rounds;
import sluice.bench.result.WarmUp;

/**
 * Runs the jobs of a job file several times, round by round with all jobs in each, so that what
 * changes with time meets all of them alike, and so that the jobs' own spread is known.
 *
 * <p>The result is that of one round, the rates of which are near the medians, with the figures of
 * all rounds beside it. Of the rounds' full results two are kept at a time, however many rounds
 * there are: a round takes the place of the one that is kept if it is nearer to the medians that
 * are known by then. A round in which a job fails is the last one, and is the one that is shown.
 */
public final class RepeatedBench {
  private static final int MOST = 1000;

  private final JobSet set;
  private final List<Target> targets;
  private final RunOptions options;
  private final int wanted;
  private final RoundCollector collector = new RoundCollector();
  private final Set<String> warnings = new LinkedHashSet<>();
  private volatile boolean stopping;
  private volatile Bench running;
  private volatile int round;
  private WarmUp warmUp = WarmUp.NONE;
  private RuntimeException failure;

  /**
   * @param targets what is measured, at least one
   * @param rounds how often all jobs run, 1 to 1000
   */
  public RepeatedBench(JobSet set, List<Target> targets, RunOptions options, int rounds) {
    requirePossible(rounds);
    this.set = set;
    this.targets = List.copyOf(targets);
    this.wanted = rounds;
    this.options =
        options.withInterim(
            new Interim(
                options.interim().everyNanos(),
                soFar -> options.interim().to().accept(decorated(soFar, 0, soFar.interrupted()))));
  }

  /**
   * @throws IllegalArgumentException unless jobs can run so often
   */
  public static void requirePossible(int rounds) {
    if (rounds < 1 || rounds > MOST) {
      throw new IllegalArgumentException(
          "1 to %d rounds are possible, not %d".formatted(MOST, rounds));
    }
  }

  /** The number of the round that goes on, from 1; 0 before the first. From any thread. */
  public int round() {
    return round;
  }

  /**
   * Ends the run: what was measured until now is its result. The rounds that were whole are, if
   * there are any; else what there is of the first. From any thread; returns at once.
   */
  public void stop() {
    stopping = true;
    Bench bench = running;
    if (bench != null) {
      bench.stop();
    }
  }

  /** As {@link Bench#report}. */
  public void report() {
    Bench bench = running;
    if (bench != null) {
      bench.report();
    }
  }

  /**
   * Runs all jobs so often. A later round that cannot be run ends it: {@link #failure} says why.
   *
   * @throws IllegalArgumentException if a job does not fit the drive, or may not write; nothing was
   *     done then
   */
  public BenchResult run() {
    BenchResult kept = null;
    int keptRound = 0;
    while (collector.rounds() < wanted && !(stopping && kept != null)) {
      int number = collector.rounds() + 1;
      round = number;
      BenchResult result;
      try {
        result = once(number);
      } catch (RuntimeException e) {
        if (kept == null) {
          throw e;
        }
        failure = e;
        break;
      }
      if (number == 1) {
        warmUp = result.conditions().warmUp();
      }
      warnings.addAll(result.warnings());
      if (wanted == 1) {
        return result;
      }
      if (!result.isClean()) {
        return decorated(result, 0, result.interrupted());
      }
      if (result.interrupted()) {
        return kept == null ? decorated(result, 0, true) : decorated(kept, keptRound, true);
      }
      collector.add(result);
      if (kept == null || collector.distance(number) <= collector.distance(keptRound)) {
        kept = result;
        keptRound = number;
      }
    }
    return decorated(kept, keptRound, stopping && collector.rounds() < wanted);
  }

  /** Why a later round could not be run; empty if there was no such. After the run. */
  public Optional<RuntimeException> failure() {
    return Optional.ofNullable(failure);
  }

  private BenchResult once(int number) {
    // What is warm stays so.
    RunOptions how = number == 1 ? options : options.withWarmingUp(WarmingUp.NONE);
    if (wanted > 1) {
      how = how.withLogs(options.logs().round(number));
    }
    Bench bench = new Bench(set, targets, how);
    running = bench;
    if (stopping) {
      bench.stop();
    }
    return bench.run();
  }

  private BenchResult decorated(BenchResult result, int shown, boolean interrupted) {
    if (wanted == 1) {
      return result;
    }
    Set<String> all = new LinkedHashSet<>(warnings);
    all.addAll(result.warnings());
    Rounds rounds = collector.result(wanted, shown);
    return result
        .withRounds(rounds, interrupted, List.copyOf(all))
        .withConditions(
            collector.rounds() == 0 ? result.conditions() : result.conditions().with(warmUp));
  }
}
