package sluice.bench.run;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import sluice.bench.result.Interval;

/**
 * A job's intervals, as many as a plot can show and no more, however long it takes: when there are
 * too many, neighbours are joined, and those that come are joined likewise. Used by one thread.
 */
final class IntervalList {
  /** Significant digits of latencies: a plot shows less. */
  static final int DIGITS = 1;

  private final int most;
  private final List<Interval> intervals = new ArrayList<>();

  /** How many of those that come make one that is kept, and how many are in the last. */
  private int each = 1;

  private int inLast;

  /**
   * @param most an even number
   */
  IntervalList(int most) {
    this.most = most;
  }

  void add(Interval next) {
    if (inLast > 0 && inLast < each) {
      intervals.add(join(intervals.removeLast(), next));
      inLast++;
      return;
    }
    if (intervals.size() == most) {
      for (int i = 0; i < most / 2; i++) {
        intervals.set(i, join(intervals.get(2 * i), intervals.get(2 * i + 1)));
      }
      intervals.subList(most / 2, most).clear();
      each *= 2;
    }
    intervals.add(next);
    inLast = 1;
  }

  private static Interval join(Interval a, Interval b) {
    Histogram latency =
        new Histogram(Math.max(a.latency().getMaxValue(), b.latency().getMaxValue()) + 2, DIGITS);
    latency.setAutoResize(true);
    latency.add(a.latency());
    latency.add(b.latency());
    return new Interval(
        a.startMillis(), b.endMillis(), a.bytes() + b.bytes(), a.ios() + b.ios(), latency);
  }

  void clear() {
    intervals.clear();
    each = 1;
    inLast = 0;
  }

  List<Interval> all() {
    return intervals;
  }
}
