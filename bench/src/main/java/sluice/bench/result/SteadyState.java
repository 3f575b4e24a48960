package sluice.bench.result;

import java.util.List;
import java.util.Locale;

/**
 * How near a job came to a steady state.
 *
 * @param figure what was watched
 * @param ofSlope whether the slope of the window's best line was watched; else the largest
 *     difference from its mean
 * @param limit what was asked for: in percent of the mean, or as a figure
 * @param percent whether limit and criterion are percents of the mean
 * @param durationSeconds {@code steadystate_duration}: the window
 * @param attained whether it was reached
 * @param criterion what the window had at last, to be compared with the limit
 * @param maxDeviation the largest difference from the mean in the window; 0 for a slope
 * @param slope the slope of the window's best line; 0 for a deviation
 * @param bandwidth the window's rates in bytes per second, one per sample, the oldest first
 * @param iops the window's rates in commands per second, one per sample, the oldest first
 * @param latency the window's mean completion latencies in nanoseconds, one per sample, the oldest
 *     first
 */
public record SteadyState(
    Figure figure,
    boolean ofSlope,
    double limit,
    boolean percent,
    long durationSeconds,
    boolean attained,
    double criterion,
    double maxDeviation,
    double slope,
    List<Long> bandwidth,
    List<Long> iops,
    List<Long> latency) {

  /** What has to be steady. */
  public enum Figure {
    /** Commands per second. */
    IOPS,
    /** Bytes per second. */
    BW,
    /** The mean completion latency in nanoseconds. */
    LAT;

    /** As fio names it. */
    public String lowerCase() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public SteadyState {
    bandwidth = List.copyOf(bandwidth);
    iops = List.copyOf(iops);
    latency = List.copyOf(latency);
  }

  /** The mean of the window's rates in bytes per second; 0 without any. */
  public double meanBandwidth() {
    return mean(bandwidth);
  }

  /** The mean of the window's rates in commands per second; 0 without any. */
  public double meanIops() {
    return mean(iops);
  }

  /** The mean of the window's latencies in nanoseconds; 0 without any. */
  public double meanLatency() {
    return mean(latency);
  }

  private static double mean(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).average().orElse(0);
  }
}
