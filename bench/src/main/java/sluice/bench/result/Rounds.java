package sluice.bench.result;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What all rounds of a run measured, where its jobs ran more than once. Only whole rounds count:
 * not one that was interrupted, or in which a job failed.
 *
 * @param wanted how many rounds the run should have; 1 where nobody asked for more
 * @param shown the number of the round, from 1, whose results the rest of the report shows; 0 while
 *     that one is not whole
 * @param jobs by the place of the job in the report; empty without a whole round
 */
public record Rounds(int wanted, int shown, List<JobRounds> jobs) {

  /** Of a run whose jobs ran once. */
  public static final Rounds NONE = new Rounds(1, 0, List.of());

  public Rounds {
    jobs = List.copyOf(jobs);
  }

  /** Whether more than one round was asked for. */
  public boolean isWanted() {
    return wanted > 1;
  }

  /** How many were done from beginning to end. */
  public int whole() {
    return jobs.isEmpty() ? 0 : jobs.getFirst().longestPauseNanos().values().size();
  }

  /**
   * A job, or several that are reported as one.
   *
   * @param name the job's
   * @param ways by the direction's name in fio's JSON: read, write, trim, mixed; those in which
   *     anything was done
   * @param longestPauseNanos the longest pause of each round, 0 in one without
   * @param bufferBytes the buffer that each round's stream needed; empty of a job without a pace
   * @param waitShare {@link ProcessorUse#waitShare} of each round
   */
  public record JobRounds(
      String name,
      Map<String, Way> ways,
      Series longestPauseNanos,
      Series bufferBytes,
      Series waitShare) {
    public JobRounds {
      ways = Collections.unmodifiableMap(new LinkedHashMap<>(ways));
    }
  }

  /**
   * A direction of a job.
   *
   * @param fewestIos commands in the round with the fewest
   * @param figures those that every round has
   */
  public record Way(long fewestIos, Map<RoundFigure, Series> figures) {
    public Way {
      figures = figures.isEmpty() ? Map.of() : Collections.unmodifiableMap(new EnumMap<>(figures));
    }
  }

  /**
   * A figure of each round.
   *
   * @param values in the order of the rounds, each finite
   */
  public record Series(List<Double> values) {
    public Series {
      values = List.copyOf(values);
    }

    public boolean isEmpty() {
      return values.isEmpty();
    }

    /**
     * The middle one, or the mean of the two in the middle.
     *
     * @throws java.util.NoSuchElementException without a value
     */
    public double median() {
      List<Double> sorted = values.stream().sorted().toList();
      int half = sorted.size() / 2;
      double upper = sorted.isEmpty() ? sorted.getFirst() : sorted.get(half);
      return sorted.size() % 2 == 1 ? upper : (sorted.get(half - 1) + upper) / 2;
    }

    public double min() {
      return values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    public double max() {
      return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    /** From the smallest to the greatest, as a share of the median; 0 where all are 0. */
    public double spread() {
      double median = median();
      return max() == min() ? 0 : (max() - min()) / median;
    }
  }
}
