package sluice.bench.run;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.Interval;
import sluice.bench.result.LatencyRecorder;
import sluice.bench.result.LatencyResult;
import sluice.bench.result.RunningStatistics;

/** Measures one direction of a job. */
final class WayMeter {
  private static final int INTERVAL_DIGITS = 2;

  final RunningStatistics bandwidth = new RunningStatistics();
  final RunningStatistics iops = new RunningStatistics();
  private final LatencyRecorder submission = new LatencyRecorder();
  private final LatencyRecorder completion = new LatencyRecorder();
  private final LatencyRecorder total = new LatencyRecorder();
  private final LatencyRecorder intended;
  private final Histogram second = new Histogram(LatencyRecorder.HIGHEST_NANOS, INTERVAL_DIGITS);
  private final List<Interval> intervals = new ArrayList<>();
  private long bytes;
  private long ios;
  private long activeNanos;

  /**
   * @param paced whether the job says when its I/Os are due
   */
  WayMeter(boolean paced) {
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

  void interval(long startMillis, long endMillis, long newBytes, long newIos) {
    Histogram compact = new Histogram(Math.max(2, second.getMaxValue()), INTERVAL_DIGITS);
    compact.setAutoResize(true);
    compact.add(second);
    second.reset();
    intervals.add(new Interval(startMillis, endMillis, newBytes, newIos, compact));
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
        intervals);
  }
}
