package sluice.bench.run;

import java.util.List;
import java.util.Optional;
import sluice.bench.result.Direction;
import sluice.bench.result.Interval;
import sluice.bench.result.JobResult;

/** Tells of a job that was slow in its first second: what warms up then is in its figures. */
final class SlowStart {
  private static final double SLOW_SHARE = 0.8;
  private static final int LEAST_INTERVALS = 5;

  /** Longer ones are of a job that takes so long that its first second does not matter. */
  private static final long LONGEST_MILLIS = 3_000;

  private SlowStart() {}

  /** A line about it; empty if there is nothing to tell. */
  static Optional<String> of(JobResult job) {
    for (Direction way : Direction.values()) {
      List<Interval> intervals = job.direction(way).intervals();
      if (intervals.size() >= LEAST_INTERVALS && millis(intervals.getFirst()) <= LONGEST_MILLIS) {
        double first = rate(intervals.getFirst());
        double median = median(intervals.subList(1, intervals.size()));
        if (first < median * SLOW_SHARE) {
          return Optional.of(
              ("job %s: the %s rate of its first second was %.0f %% of what it was later;"
                      + " ramp_time leaves it out")
                  .formatted(job.name(), way.lowerCase(), first / median * 100));
        }
      }
    }
    return Optional.empty();
  }

  private static long millis(Interval interval) {
    return interval.endMillis() - interval.startMillis();
  }

  private static double rate(Interval interval) {
    return (double) interval.ios() / Math.max(1, millis(interval));
  }

  private static double median(List<Interval> intervals) {
    return intervals.stream()
        .mapToDouble(SlowStart::rate)
        .sorted()
        .skip(intervals.size() / 2)
        .findFirst()
        .orElse(0);
  }
}
