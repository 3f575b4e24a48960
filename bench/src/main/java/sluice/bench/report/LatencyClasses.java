package sluice.bench.report;

import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.JobResult;

/**
 * How many of a job's commands took how long, in fio's classes: ten of nanoseconds, ten of
 * microseconds, twelve of milliseconds. Each is named by its upper limit.
 */
final class LatencyClasses {
  /** The upper limits in units; the last of the milliseconds has none. */
  static final List<String> NAMES =
      List.of("2", "4", "10", "20", "50", "100", "250", "500", "750", "1000", "2000", ">=2000");

  private static final long[] LIMITS = {2, 4, 10, 20, 50, 100, 250, 500, 750, 1_000, 2_000};
  private static final int SMALL = 10;
  private static final int ALL = 12;

  private final double[] nanos = new double[SMALL];
  private final double[] micros = new double[SMALL];
  private final double[] millis = new double[ALL];

  /** The classes of all directions of a job together. */
  static LatencyClasses of(JobResult job) {
    LatencyClasses classes = new LatencyClasses();
    long total = 0;
    for (Direction direction : Direction.values()) {
      DirectionResult result = job.direction(direction);
      Histogram histogram =
          (result.completion().isEmpty() ? result.total() : result.completion()).histogram();
      total += histogram.getTotalCount();
      for (HistogramIterationValue value : histogram.recordedValues()) {
        classes.add(
            histogram.medianEquivalentValue(value.getValueIteratedTo()),
            value.getCountAddedInThisIterationStep());
      }
    }
    toPercent(classes.nanos, total);
    toPercent(classes.micros, total);
    toPercent(classes.millis, total);
    return classes;
  }

  private void add(long value, long count) {
    if (value < 1_000) {
      nanos[indexOf(value)] += count;
    } else if (value < 1_000_000) {
      micros[indexOf(value / 1_000)] += count;
    } else {
      millis[indexOf(value / 1_000_000)] += count;
    }
  }

  private static int indexOf(long value) {
    int index = 0;
    while (index < LIMITS.length && value >= LIMITS[index]) {
      index++;
    }
    return index;
  }

  /** What is there at all shows as a hundredth of a percent at least. */
  private static void toPercent(double[] counts, long total) {
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) {
        counts[i] = Math.max(100 * counts[i] / total, 0.01);
      }
    }
  }

  /** Percent of the commands by class, below a microsecond. */
  double[] nanos() {
    return nanos.clone();
  }

  /** Percent of the commands by class, from a microsecond to below a millisecond. */
  double[] micros() {
    return micros.clone();
  }

  /** Percent of the commands by class, from a millisecond. */
  double[] millis() {
    return millis.clone();
  }
}
