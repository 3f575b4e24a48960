package sluice.bench.cliff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds the levels of a rate: where it changes for good, and not for a moment.
 *
 * <p>Steps of equal size are given by how long each took. Single slow ones, as a pause makes them,
 * are levelled by a running median, which leaves edges where they are. Then the steps are cut in
 * two where the logarithms of their times are best told by two means, and each piece again, as long
 * as the rates on both sides differ by a fifth or more, and by more than by chance.
 */
final class Plateaus {
  /** The rate behind an edge by the rate before it, one way or the other. */
  static final double LEAST_CHANGE = 0.8;

  private static final int MOST = 8;
  private static final int HALF_WINDOW = 2;
  private static final int LEAST_STEPS = 4;

  /** How many steps that follow each other count as one by itself. */
  private static final int NEIGHBOURS = 3;

  /** The standard deviation by the median distance, of what scatters as noise does. */
  private static final double DEVIATIONS_PER_MEDIAN = 1.4826;

  /**
   * So many standard deviations are never reached by chance, though the best of all is looked at.
   */
  private static final int LEAST_DEVIATIONS = 6;

  /** A level is at least one of so many parts of all. */
  private static final int PARTS = 50;

  private final double[] logs;
  private final double[] sums;
  private final int least;

  private Plateaus(double[] times) {
    logs = Arrays.stream(levelled(times)).map(time -> Math.log(Math.max(time, 1))).toArray();
    sums = new double[logs.length + 1];
    for (int i = 0; i < logs.length; i++) {
      sums[i + 1] = sums[i] + logs[i];
    }
    least = Math.max(LEAST_STEPS, logs.length / PARTS);
  }

  /**
   * Where levels begin, in the order of the steps: 0 first.
   *
   * @param times how long each step took, in any unit of which it took more than one
   */
  static List<Integer> begins(double[] times) {
    return times.length == 0 ? List.of(0) : new Plateaus(times).begins();
  }

  private List<Integer> begins() {
    List<Integer> begins = new ArrayList<>(List.of(0));
    boolean found = true;
    while (found && begins.size() < MOST) {
      found = false;
      for (int i = 0; i < begins.size() && !found; i++) {
        int from = begins.get(i);
        int to = i + 1 < begins.size() ? begins.get(i + 1) : logs.length;
        int edge = edge(from, to);
        if (edge > 0 && differs(from, edge, to)) {
          begins.add(i + 1, edge);
          found = true;
        }
      }
    }
    return joined(begins);
  }

  /** Neighbours that turned out alike when their other ends were cut off are one. */
  private List<Integer> joined(List<Integer> begins) {
    List<Integer> joined = new ArrayList<>(List.of(0));
    for (int i = 1; i < begins.size(); i++) {
      int to = i + 1 < begins.size() ? begins.get(i + 1) : logs.length;
      if (differs(joined.getLast(), begins.get(i), to)) {
        joined.add(begins.get(i));
      }
    }
    return joined;
  }

  /** The place that parts some steps best; 0 if there are too few. */
  private int edge(int from, int to) {
    int best = 0;
    double most = 0;
    for (int at = from + least; at <= to - least; at++) {
      double before = mean(from, at);
      double after = mean(at, to);
      double gain = (double) (at - from) * (to - at) * (after - before) * (after - before);
      if (gain > most) {
        most = gain;
        best = at;
      }
    }
    return best;
  }

  private double mean(int from, int to) {
    return (sums[to] - sums[from]) / (to - from);
  }

  /** By enough to matter, and by more than these steps scatter. */
  private boolean differs(int from, int at, int to) {
    double before = median(Arrays.copyOfRange(logs, from, at));
    double after = median(Arrays.copyOfRange(logs, at, to));
    double change = Math.abs(after - before);
    double[] distances = new double[to - from];
    for (int i = from; i < to; i++) {
      distances[i - from] = Math.abs(logs[i] - (i < at ? before : after));
    }
    double parts = NEIGHBOURS * (1.0 / (at - from) + 1.0 / (to - at));
    double scatter = DEVIATIONS_PER_MEDIAN * median(distances) * Math.sqrt(parts);
    return change >= -Math.log(LEAST_CHANGE) && change >= LEAST_DEVIATIONS * scatter;
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  private static double[] levelled(double[] times) {
    double[] levelled = new double[times.length];
    for (int i = 0; i < times.length; i++) {
      int half = Math.min(HALF_WINDOW, Math.min(i, times.length - 1 - i));
      double[] window = Arrays.copyOfRange(times, i - half, i + half + 1);
      Arrays.sort(window);
      levelled[i] = window[half];
    }
    return levelled;
  }
}
