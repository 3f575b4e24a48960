package sluice.bench.result;

import java.util.List;

/**
 * How near a job came to a steady state.
 *
 * @param criterion what was asked for, as fio writes it: {@code iops:10%}, {@code bw_slope:2.5}
 * @param durationSeconds {@code ss_dur}: the window
 * @param attained whether it was reached
 * @param maxDeviation the largest difference from the mean in the window; 0 for a slope
 * @param slope the slope of the window's best line; 0 for a deviation
 * @param bandwidth the window's rates in KiB/s, one per second, the oldest first
 * @param iops the window's rates in commands per second, one per second, the oldest first
 */
public record SteadyState(
    String criterion,
    long durationSeconds,
    boolean attained,
    double maxDeviation,
    double slope,
    List<Long> bandwidth,
    List<Long> iops) {

  public SteadyState {
    bandwidth = List.copyOf(bandwidth);
    iops = List.copyOf(iops);
  }

  /** Whether the limit is a share of the mean, not a figure. */
  public boolean isPercent() {
    return criterion.endsWith("%");
  }
}
