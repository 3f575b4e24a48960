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
  private static final long SECOND_MILLIS = 1_000;

  final RunningStatistics bandwidth = new RunningStatistics();
  final RunningStatistics iops = new RunningStatistics();
  private final LatencyRecorder submission = new LatencyRecorder();
  private final LatencyRecorder completion = new LatencyRecorder();
  private final LatencyRecorder total = new LatencyRecorder();
  private final LatencyRecorder intended;
  private final Histogram step = new Histogram(LatencyRecorder.HIGHEST_NANOS, SECOND_DIGITS);

  /** The steps of a second that goes on; made for who wants seconds, and null until then. */
  private Histogram second;

  /** Less than 0 where no second has begun. */
  private long secondStart = -1;

  private long secondEnd;
  private long secondBytes;
  private long secondIos;
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
    step.recordValue(Math.min(clat, LatencyRecorder.HIGHEST_NANOS));
    bytes += length;
    ios++;
  }

  /**
   * A step for plots is over.
   *
   * @param seconds told each second with its latencies to two digits; null for nobody
   */
  void step(
      long startMillis, long endMillis, long newBytes, long newIos, Consumer<Interval> seconds) {
    intervals.add(
        new Interval(startMillis, endMillis, newBytes, newIos, compact(step, IntervalList.DIGITS)));
    if (seconds != null) {
      if (second == null) {
        second = new Histogram(LatencyRecorder.HIGHEST_NANOS, SECOND_DIGITS);
      }
      secondStart = secondStart < 0 ? startMillis : secondStart;
      secondEnd = endMillis;
      secondBytes += newBytes;
      secondIos += newIos;
      second.add(step);
      if (endMillis - secondStart >= SECOND_MILLIS) {
        endSecond(seconds);
      }
    }
    step.reset();
  }

  /** There is nothing more for now: what there is of a second is told. */
  void endSecond(Consumer<Interval> seconds) {
    if (secondStart >= 0) {
      seconds.accept(
          new Interval(
              secondStart, secondEnd, secondBytes, secondIos, compact(second, SECOND_DIGITS)));
      forgetSecond();
    }
  }

  private void forgetSecond() {
    secondStart = -1;
    secondBytes = 0;
    secondIos = 0;
    if (second != null) {
      second.reset();
    }
  }

  private static Histogram compact(Histogram of, int digits) {
    Histogram compact = new Histogram(Math.max(2, of.getMaxValue()), digits);
    compact.setAutoResize(true);
    compact.add(of);
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
    step.reset();
    forgetSecond();
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
