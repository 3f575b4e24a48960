package sluice.bench.result;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sluice.bench.result.Reporting.Unified;
import sluice.bench.result.Rounds.JobRounds;
import sluice.bench.result.Rounds.Series;
import sluice.bench.result.Rounds.Way;

/**
 * Gathers the figures of rounds of the same jobs. Keeps figures only: what a round measured besides
 * can go. Used by one thread.
 */
public final class RoundCollector {
  private final List<Job> jobs = new ArrayList<>();
  private int rounds;

  /** Values by round; NaN where a round has none. */
  private static final class Job {
    final String name;
    final Map<String, Gathered> ways = new LinkedHashMap<>();
    final List<Double> pauses = new ArrayList<>();
    final List<Double> buffers = new ArrayList<>();
    final List<Double> waits = new ArrayList<>();

    Job(String name) {
      this.name = name;
    }
  }

  private static final class Gathered {
    final Map<RoundFigure, List<Double>> figures = new EnumMap<>(RoundFigure.class);
    long fewestIos = Long.MAX_VALUE;
    long mostIos;

    void add(DirectionResult way) {
      fewestIos = Math.min(fewestIos, way.ios());
      mostIos = Math.max(mostIos, way.ios());
      for (RoundFigure figure : RoundFigure.values()) {
        figures.computeIfAbsent(figure, _ -> new ArrayList<>()).add(figure.of(way));
      }
    }
  }

  /**
   * Adds a whole round.
   *
   * @throws IllegalArgumentException if it does not have the jobs of those before it
   */
  public void add(BenchResult round) {
    List<JobResult> results = round.reportedJobs();
    if (rounds == 0) {
      results.forEach(result -> jobs.add(new Job(result.name())));
    }
    if (results.size() != jobs.size()) {
      throw new IllegalArgumentException(
          "a round has %d jobs, and those before it %d".formatted(results.size(), jobs.size()));
    }
    for (int i = 0; i < jobs.size(); i++) {
      add(jobs.get(i), results.get(i));
    }
    rounds++;
  }

  private static void add(Job job, JobResult result) {
    Unified unified = result.reporting().unified();
    if (unified != Unified.MIXED) {
      for (Direction direction : Direction.values()) {
        job.ways
            .computeIfAbsent(direction.lowerCase(), _ -> new Gathered())
            .add(result.direction(direction));
      }
    }
    if (unified != Unified.NONE) {
      job.ways
          .computeIfAbsent("mixed", _ -> new Gathered())
          .add(Merging.mixed(result).direction(Direction.READ));
    }
    job.waits.add(result.processor().waitShare());
    job.pauses.add((double) result.pauses().longestNanos());
    if (!result.backlog().isEmpty()) {
      job.buffers.add((double) result.backlog().greatestBytes());
    }
  }

  /** How many rounds were added. */
  public int rounds() {
    return rounds;
  }

  /**
   * How far the rates of a round are from the medians of all: the sum of the ratios' logarithms. A
   * job that did nothing in that round, or in most, counts for nothing.
   *
   * @param round from 1
   */
  public double distance(int round) {
    double sum = 0;
    for (Job job : jobs) {
      for (Gathered way : job.ways.values()) {
        List<Double> rates = way.figures.get(RoundFigure.BANDWIDTH);
        double ratio = rates.get(round - 1) / new Series(rates).median();
        double logarithm = Math.abs(Math.log(ratio));
        sum += Double.isFinite(logarithm) ? logarithm : 0;
      }
    }
    return sum;
  }

  /**
   * All until now.
   *
   * @param wanted how many rounds there should be
   * @param shown the round whose results are shown, from 1; 0 for one that is not whole
   */
  public Rounds result(int wanted, int shown) {
    return new Rounds(wanted, shown, jobs.stream().map(RoundCollector::result).toList());
  }

  private static JobRounds result(Job job) {
    Map<String, Way> ways = new LinkedHashMap<>();
    job.ways.forEach((name, way) -> {
      if (way.mostIos > 0) {
        ways.put(name, result(way));
      }
    });
    return new JobRounds(
        job.name, ways, new Series(job.pauses), new Series(job.buffers), new Series(job.waits));
  }

  private static Way result(Gathered way) {
    Map<RoundFigure, Series> figures = new EnumMap<>(RoundFigure.class);
    way.figures.forEach((figure, values) -> {
      if (values.stream().allMatch(Double::isFinite)) {
        figures.put(figure, new Series(values));
      }
    });
    return new Way(way.fewestIos, figures);
  }
}
