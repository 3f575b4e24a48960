package sluice.bench.run;

import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.Interval;
import sluice.bench.result.LatencyRecorder;
import sluice.bench.result.LatencyResult;
import sluice.bench.result.RunningStatistics;

/** Measures one direction of a job. */
final class WayMeter {
  private static final int SECOND_DIGITS = 2;

  final RunningStatistics bandwidth = new RunningStatistics();
  final RunningStatistics iops = new RunningStatistics();
  private final LatencyRecorder submission = new LatencyRecorder();
  private final LatencyRecorder completion = new LatencyRecorder();
  private final LatencyRecorder total = new LatencyRecorder();
  private final LatencyRecorder intended;
  private final Histogram second = new Histogram(LatencyRecorder.HIGHEST_NANOS, SECOND_DIGITS);
  private final IntervalList intervals;
  private long bytes;
  private long ios;
  private long activeNanos;

  /**
   * @param paced whether the job says when its I/Os are due
   * @param mostIntervals how many are kept
   */
  WayMeter(boolean paced, int mostIntervals) {
    intervals = new IntervalList(mostIntervals);
    intended = paced ? new LatencyRecorder() : null;
  }

  void completed(long slat, long clat, long fromDue, int length) {
    submission.record(slat);
    completion.record(clat);
    total.record(slat + clat);
    if (intended != null) {
      intended.record(fromDue);
    }
    second.recordValue(Math.min(clat, LatencyRecorder.HIGHEST_NANOS));
    bytes += length;
    ios++;
  }

  /**
   * A second is over.
   *
   * @param exactly told it with its latencies to two digits, of which one is kept; null for nobody
   */
  void interval(
      long startMillis, long endMillis, long newBytes, long newIos, Consumer<Interval> exactly) {
    if (exactly != null) {
      exactly.accept(
          new Interval(startMillis, endMillis, newBytes, newIos, latencies(SECOND_DIGITS)));
    }
    intervals.add(
        new Interval(startMillis, endMillis, newBytes, newIos, latencies(IntervalList.DIGITS)));
    second.reset();
  }

  private Histogram latencies(int digits) {
    Histogram compact = new Histogram(Math.max(2, second.getMaxValue()), digits);
    compact.setAutoResize(true);
    compact.add(second);
    return compact;
  }

  /** A phase in which it took part is over. */
  void active(long nanos) {
    activeNanos += nanos;
  }

  long ios() {
    return ios;
  }

  long bytes() {
    return bytes;
  }

  /** The ramp has ended. */
  void reset() {
    bandwidth.reset();
    iops.reset();
    submission.reset();
    completion.reset();
    total.reset();
    if (intended != null) {
      intended.reset();
    }
    second.reset();
    intervals.clear();
    bytes = 0;
    ios = 0;
    activeNanos = 0;
  }

  /**
   * @param openNanos how long a phase that goes on has gone on
   */
  DirectionResult result(long openNanos) {
    // Less than a millisecond is one, as fio has it: rates are not divided by nothing.
    long millis = ios == 0 ? 0 : Math.max(1, Math.round((activeNanos + openNanos) / 1e6));
    return new DirectionResult(
        bytes,
        ios,
        0,
        0,
        millis,
        submission.result(),
        completion.result(),
        total.result(),
        intended == null ? LatencyResult.none() : intended.result(),
        bandwidth.result(),
        iops.result(),
        intervals.all());
  }
}
