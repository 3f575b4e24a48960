package sluice.bench.result;

import java.util.ArrayList;
import java.util.List;

/**
 * A {@link Backlog} over time, in slices of the same length without holes: for each how far the job
 * was behind at the most, and how much of it was not issued yet at the least.
 */
public final class BacklogSlices {
  private static final double MILLI = 1e6;

  /** With fewer slices than this nothing is said of what grows. */
  private static final int LEAST_SLICES = 8;

  private final long nanos;
  private final long first;
  private final long[] greatest;
  private final long[] leastWaiting;

  private BacklogSlices(long nanos, long first, long[] greatest, long[] leastWaiting) {
    this.nanos = nanos;
    this.first = first;
    this.greatest = greatest;
    this.leastWaiting = leastWaiting;
  }

  /**
   * The slices of one job.
   *
   * @param nanos how long slices are: a power of two times the shortest
   * @param first the number of the first slice, where slice 0 begins with the run
   * @param greatest bytes behind, the most in each slice
   * @param leastWaiting bytes due and not issued yet, the least in each slice
   */
  public static BacklogSlices of(long nanos, long first, long[] greatest, long[] leastWaiting) {
    return new BacklogSlices(nanos, first, greatest.clone(), leastWaiting.clone());
  }

  boolean isEmpty() {
    return greatest.length == 0;
  }

  long nanos() {
    return nanos;
  }

  /** When the slice of the greatest backlog begins, and that backlog. */
  Backlog.Moment greatest() {
    int at = 0;
    for (int i = 0; i < greatest.length; i++) {
      at = greatest[i] > greatest[at] ? i : at;
    }
    return new Backlog.Moment((first + at) * nanos, greatest[at]);
  }

  /**
   * By the least that was waiting: a job that keeps its rate has nothing waiting now and then, also
   * in the last quarter. A pause that lasts to the end is not told from a rate that is not kept.
   */
  Backlog.Verdict verdict() {
    int count = leastWaiting.length;
    if (count < LEAST_SLICES) {
      return Backlog.Verdict.KEPT;
    }
    int middle = count - (count / 4 + 1) / 2;
    long before = leastWaiting(count - count / 4, middle);
    long last = leastWaiting(middle, count);
    if (before == 0 || last == 0) {
      return Backlog.Verdict.KEPT;
    }
    return last > before ? Backlog.Verdict.GROWING : Backlog.Verdict.CATCHING_UP;
  }

  private long leastWaiting(int from, int to) {
    long least = Long.MAX_VALUE;
    for (int i = from; i < to; i++) {
      least = Math.min(least, leastWaiting[i]);
    }
    return least;
  }

  /** Its slices, cut to a time; their limits are counted from its begin. */
  List<Backlog.Slice> between(long startNanos, long endNanos) {
    List<Backlog.Slice> slices = new ArrayList<>(greatest.length);
    for (int i = 0; i < greatest.length; i++) {
      long start = Math.max(startNanos, (first + i) * nanos);
      long end = Math.max(start, Math.min(endNanos, (first + i + 1) * nanos));
      slices.add(
          new Backlog.Slice(
              Math.round((start - startNanos) / MILLI),
              Math.round((end - startNanos) / MILLI),
              greatest[i]));
    }
    return slices;
  }

  /** Both at once, in the longer ones of their slices. */
  BacklogSlices plus(BacklogSlices other) {
    long longer = Math.max(nanos, other.nanos);
    long begin = Math.min(first * nanos, other.first * other.nanos) / longer;
    long end = Math.max(endIn(longer), other.endIn(longer));
    long[] most = new long[(int) (end - begin)];
    long[] least = new long[most.length];
    addTo(most, least, begin, longer);
    other.addTo(most, least, begin, longer);
    return new BacklogSlices(longer, begin, most, least);
  }

  private long endIn(long longer) {
    return ((first + greatest.length) * nanos + longer - 1) / longer;
  }

  /** Adds its own, joined to longer slices. */
  private void addTo(long[] most, long[] least, long begin, long longer) {
    int each = (int) (longer / nanos);
    for (int i = 0; i < greatest.length; ) {
      int slot = (int) ((first + i) / each - begin);
      long greatestHere = 0;
      long leastHere = Long.MAX_VALUE;
      while (i < greatest.length && (first + i) / each - begin == slot) {
        greatestHere = Math.max(greatestHere, greatest[i]);
        leastHere = Math.min(leastHere, leastWaiting[i]);
        i++;
      }
      most[slot] += greatestHere;
      least[slot] += leastHere;
    }
  }
}
