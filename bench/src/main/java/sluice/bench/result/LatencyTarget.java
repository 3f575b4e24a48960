package sluice.bench.result;

/**
 * What a job with {@code latency_target} found.
 *
 * @param depth the queue depth that met the target; without a target the job's {@code iodepth}
 * @param targetNanos {@code latency_target} in nanoseconds; 0 without one
 * @param percentile {@code latency_percentile}: how many percent of the commands must meet it
 * @param windowMicros {@code latency_window} in microseconds
 */
public record LatencyTarget(long depth, long targetNanos, double percentile, long windowMicros) {

  /** No target, at a queue depth. */
  public static LatencyTarget none(long depth) {
    return new LatencyTarget(depth, 0, 100, 0);
  }
}
