package sluice.bench.run;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import sluice.bench.job.SteadyStateGoal;
import sluice.bench.result.SteadyState;

/** Looks now and then whether a rate has been steady for long enough. */
final class SteadyStateWatch {
  private static final int MOST_SAMPLES = 86_400;

  private final SteadyStateGoal goal;
  private final int samples;
  private final long seconds;
  private final Deque<Long> bandwidth = new ArrayDeque<>();
  private final Deque<Long> iops = new ArrayDeque<>();
  private final Deque<Long> latency = new ArrayDeque<>();
  private boolean attained;
  private double criterion;
  private double deviation;
  private double slope;

  /**
   * @param seconds for how long it has to be steady
   * @param secondsPerSample how many are between two samples, 1 or more
   */
  SteadyStateWatch(SteadyStateGoal goal, long seconds, long secondsPerSample) {
    this.goal = goal;
    this.seconds = Math.max(1, seconds);
    this.samples = Math.clamp(seconds / secondsPerSample, 1, MOST_SAMPLES);
  }

  /**
   * Takes a sample.
   *
   * @param latencyNanos the mean completion latency
   * @return whether the state is steady now
   */
  boolean sample(long bytesPerSecond, long iosPerSecond, long latencyNanos) {
    bandwidth.addLast(bytesPerSecond);
    iops.addLast(iosPerSecond);
    latency.addLast(latencyNanos);
    if (bandwidth.size() > samples) {
      bandwidth.removeFirst();
      iops.removeFirst();
      latency.removeFirst();
    }
    if (bandwidth.size() == samples) {
      evaluate(
          new ArrayList<>(
              switch (goal.figure()) {
                case BW -> bandwidth;
                case IOPS -> iops;
                case LAT -> latency;
              }));
    }
    return attained;
  }

  private void evaluate(List<Long> values) {
    double mean = values.stream().mapToLong(Long::longValue).average().orElse(0);
    double value;
    if (goal.slope()) {
      slope = slope(values, mean);
      value = Math.abs(slope);
    } else {
      deviation = values.stream().mapToDouble(sample -> Math.abs(sample - mean)).max().orElse(0);
      value = deviation;
    }
    if (goal.relative()) {
      value = mean == 0 ? Double.MAX_VALUE : value / mean * 100;
      attained = value < goal.limit() * 100;
    } else {
      attained = value < goal.limit();
    }
    criterion = value;
  }

  /** Of the line that fits best, by least squares; by the samples' distance. */
  private static double slope(List<Long> values, double mean) {
    double middle = (values.size() - 1) / 2.0;
    double product = 0;
    double squares = 0;
    for (int i = 0; i < values.size(); i++) {
      product += (i - middle) * (values.get(i) - mean);
      squares += (i - middle) * (i - middle);
    }
    return squares == 0 ? 0 : product / squares;
  }

  SteadyState result() {
    return new SteadyState(
        goal.figure(),
        goal.slope(),
        goal.relative() ? goal.limit() * 100 : goal.limit(),
        goal.relative(),
        seconds,
        attained,
        criterion,
        deviation,
        slope,
        List.copyOf(bandwidth),
        List.copyOf(iops),
        List.copyOf(latency));
  }
}
