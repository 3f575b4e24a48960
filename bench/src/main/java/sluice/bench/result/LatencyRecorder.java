package sluice.bench.result;

import org.HdrHistogram.Histogram;

/**
 * Takes latencies one by one: exact figures, and a histogram of three digits up to an hour. One
 * thread writes; nothing is allocated after construction.
 */
public final class LatencyRecorder {
  /** Significant decimal digits of the histogram. */
  public static final int DIGITS = 3;

  /** The longest time that the histogram tells from longer ones, in nanoseconds: an hour. */
  public static final long HIGHEST_NANOS = 3_600_000_000_000L;

  private final RunningStatistics exact = new RunningStatistics();
  private final Histogram histogram = new Histogram(HIGHEST_NANOS, DIGITS);

  /**
   * Takes a latency.
   *
   * @param nanos 0 or more; longer than {@link #HIGHEST_NANOS} is put in the histogram's last bin
   */
  public void record(long nanos) {
    exact.add(nanos);
    histogram.recordValue(Math.min(nanos, HIGHEST_NANOS));
  }

  public long count() {
    return exact.count();
  }

  /** Forgets all: a ramp has ended. */
  public void reset() {
    exact.reset();
    histogram.reset();
  }

  /** What was recorded, as a copy. */
  public LatencyResult result() {
    return exact.count() == 0
        ? LatencyResult.none()
        : new LatencyResult(exact.result(), histogram.copy());
  }
}
