package sluice.bench.pts;

import java.util.List;

/**
 * Whether a figure stands still over five rounds, as the specification has it: between the least
 * and the greatest lie no more than 20 % of their mean, and between the ends of the line of best
 * fit no more than 10 %.
 *
 * @param lastRound the last of the five, from 1
 * @param values of the five, in order
 */
public record SteadyWindow(int lastRound, List<Double> values) {
  /** How many rounds it is about. */
  public static final int ROUNDS = 5;

  private static final double MOST_RANGE = 0.20;
  private static final double MOST_SLOPE = 0.10;

  public SteadyWindow {
    values = List.copyOf(values);
    if (values.size() != ROUNDS) {
      throw new IllegalArgumentException("a window has five rounds, not " + values.size());
    }
  }

  /** The last five of some rounds. */
  static SteadyWindow last(List<Double> rounds) {
    return new SteadyWindow(rounds.size(), rounds.subList(rounds.size() - ROUNDS, rounds.size()));
  }

  public double mean() {
    return values.stream().mapToDouble(value -> value).average().orElseThrow();
  }

  /** Between the least and the greatest. */
  public double range() {
    double most = values.stream().mapToDouble(value -> value).max().orElseThrow();
    return most - values.stream().mapToDouble(value -> value).min().orElseThrow();
  }

  public double mostRange() {
    return MOST_RANGE * mean();
  }

  /** Of the line of best fit, per round. */
  public double slope() {
    double middle = (ROUNDS - 1) / 2.0;
    double products = 0;
    double squares = 0;
    for (int i = 0; i < ROUNDS; i++) {
      products += (i - middle) * (values.get(i) - mean());
      squares += (i - middle) * (i - middle);
    }
    return products / squares;
  }

  /** Where the line of best fit is at round 0. */
  public double intercept() {
    return mean() - slope() * (lastRound - (ROUNDS - 1) / 2.0);
  }

  /** Between the ends of the line of best fit. */
  public double slopeRange() {
    return Math.abs(slope()) * (ROUNDS - 1);
  }

  public double mostSlopeRange() {
    return MOST_SLOPE * mean();
  }

  /** Whether it stands still. */
  public boolean isSteady() {
    return range() <= mostRange() && slopeRange() <= mostSlopeRange();
  }
}
