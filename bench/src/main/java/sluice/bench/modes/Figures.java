package sluice.bench.modes;

import java.util.List;
import java.util.function.ToDoubleFunction;
import sluice.bench.result.Direction;
import sluice.bench.result.JobResult;
import sluice.bench.result.LatencyResult;

/**
 * What was measured of one mode.
 *
 * @param iops commands per second
 * @param p50 of the time from a command's submission to its completion, in nanoseconds
 * @param p99 of the same
 * @param p999 of the same
 * @param processor time of the threads that drive the queues, in nanoseconds per command
 */
public record Figures(double iops, double p50, double p99, double p999, double processor) {

  static Figures of(JobResult job, Direction direction) {
    LatencyResult latency = job.direction(direction).completion();
    return new Figures(
        job.direction(direction).iosPerSecond(),
        latency.percentileNanos(50),
        latency.percentileNanos(99),
        latency.percentileNanos(99.9),
        job.processorNanosPerIo());
  }

  /** The medians of each figure by itself. */
  static Figures medians(List<Figures> rounds) {
    return new Figures(
        median(rounds, Figures::iops),
        median(rounds, Figures::p50),
        median(rounds, Figures::p99),
        median(rounds, Figures::p999),
        median(rounds, Figures::processor));
  }

  private static double median(List<Figures> rounds, ToDoubleFunction<Figures> figure) {
    double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
