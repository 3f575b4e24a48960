package sluice.bench.report;

import sluice.bench.result.Statistics;

/** The unit in which a set of latencies is shown: the coarsest that does not hide the shortest. */
enum TimeScale {
  NSEC("nsec", 1),
  USEC("usec", 1_000),
  MSEC("msec", 1_000_000);

  private final String unit;
  private final long nanos;

  TimeScale(String unit, long nanos) {
    this.unit = unit;
    this.nanos = nanos;
  }

  /** The scale for the percentiles from a smallest to a largest value. */
  static TimeScale ofRange(long minNanos, long maxNanos) {
    if (minNanos > 2_000_000 && maxNanos > 99_999_999) {
      return MSEC;
    }
    return minNanos > 2_000 && maxNanos > 99_999 ? USEC : NSEC;
  }

  /** The scale for extremes, mean and deviation: the deviation has to survive it too. */
  static TimeScale of(Statistics exact) {
    double deviation = exact.standardDeviation();
    if (exact.min() > 2_000_000 && exact.max() > 99_999_999 && deviation > 1_000_000) {
      return MSEC;
    }
    return exact.min() > 2_000 && exact.max() > 99_999 && deviation > 1_000 ? USEC : NSEC;
  }

  String unit() {
    return unit;
  }

  /** How many nanoseconds the unit has. */
  long nanos() {
    return nanos;
  }
}
