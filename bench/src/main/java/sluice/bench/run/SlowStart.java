package sluice.bench.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluice.bench.result.Direction;
import sluice.bench.result.Interval;
import sluice.bench.result.JobResult;

/** Tells of a job that was slow in its first second: what warms up then is in its figures. */
final class SlowStart {
  private static final double SLOW_SHARE = 0.8;
  private static final int LEAST_PARTS = 5;
  private static final long SECOND_MILLIS = 1_000;

  /** Longer ones are of a job that takes so long that its first second does not matter. */
  private static final long LONGEST_MILLIS = 3_000;

  /** A second or a bit more; or an interval that is longer. */
  private record Part(long millis, long ios) {
    double rate() {
      return (double) ios / Math.max(1, millis);
    }
  }

  private SlowStart() {}

  /** A line about it; empty if there is nothing to tell. */
  static Optional<String> of(JobResult job) {
    for (Direction way : Direction.values()) {
      List<Part> parts = parts(job.direction(way).intervals());
      if (parts.size() >= LEAST_PARTS && parts.getFirst().millis() <= LONGEST_MILLIS) {
        double first = parts.getFirst().rate();
        double median = median(parts.subList(1, parts.size()));
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

  /** What is left at the end is none. */
  private static List<Part> parts(List<Interval> intervals) {
    List<Part> parts = new ArrayList<>();
    long millis = 0;
    long ios = 0;
    for (Interval interval : intervals) {
      millis += interval.endMillis() - interval.startMillis();
      ios += interval.ios();
      if (millis >= SECOND_MILLIS) {
        parts.add(new Part(millis, ios));
        millis = 0;
        ios = 0;
      }
    }
    return parts;
  }

  private static double median(List<Part> parts) {
    return parts.stream()
        .mapToDouble(Part::rate)
        .sorted()
        .skip(parts.size() / 2)
        .findFirst()
        .orElse(0);
  }
}
