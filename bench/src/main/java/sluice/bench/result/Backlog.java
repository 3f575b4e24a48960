package sluice.bench.result;

import java.util.ArrayList;
import java.util.List;

/**
 * How far a paced job was behind its stream: the bytes that had come due minus those that had
 * completed, over time. The greatest of it is the buffer that the stream needs; where it grows on,
 * no buffer is enough.
 *
 * <p>Time is cut into slices that are the same for all jobs of a run, so that the backlogs of jobs
 * can be summed at the same time; the sum takes the greatest of each slice and is too large by what
 * changes within one.
 */
public final class Backlog {
  /** Whether the rate was kept. */
  public enum Verdict {
    /** All that was due was out again and again, also towards the end. */
    KEPT,
    /** Something due was waiting until the end, but it became less. */
    CATCHING_UP,
    /** What was due and waiting became more until the end. */
    GROWING
  }

  /**
   * A piece of time.
   *
   * @param startMillis when it began, after the job's start
   * @param endMillis when it ended, after the job's start
   * @param bytes the greatest backlog in it
   */
  public record Slice(long startMillis, long endMillis, long bytes) {}

  /** Of a job that has no pace. */
  public static final Backlog NONE =
      new Backlog(1, 0, 0, 0, new long[0], new long[0], 0, 0, 0, Verdict.KEPT);

  private static final double MILLI = 1e6;

  /** With fewer slices than this nothing is said of what grows. */
  private static final int LEAST_SLICES = 8;

  private final long sliceNanos;
  private final long first;
  private final long startNanos;
  private final long endNanos;

  /** Backlog and what of it was not issued yet: the greatest and the least of each slice. */
  private final long[] greatest;

  private final long[] leastWaiting;
  private final long greatestBytes;
  private final long greatestNanos;
  private final long endBytes;
  private final Verdict verdict;

  private Backlog(
      long sliceNanos,
      long first,
      long startNanos,
      long endNanos,
      long[] greatest,
      long[] leastWaiting,
      long greatestBytes,
      long greatestNanos,
      long endBytes,
      Verdict verdict) {
    this.sliceNanos = sliceNanos;
    this.first = first;
    this.startNanos = startNanos;
    this.endNanos = endNanos;
    this.greatest = greatest;
    this.leastWaiting = leastWaiting;
    this.greatestBytes = greatestBytes;
    this.greatestNanos = greatestNanos;
    this.endBytes = endBytes;
    this.verdict = verdict;
  }

  /**
   * The backlog of one job. Times are nanoseconds after the run's start.
   *
   * @param sliceNanos how long slices are: a power of two times the shortest
   * @param first the number of the first slice, where slice 0 begins with the run
   * @param startNanos when the job began to be measured
   * @param endNanos when the last of its stream came due, or its time was up
   * @param greatest bytes behind, the most in each slice
   * @param leastWaiting bytes due and not issued yet, the least in each slice
   * @param greatestBytes the most of all
   * @param greatestNanos when that was
   * @param endBytes bytes behind at the end
   */
  public static Backlog of(
      long sliceNanos,
      long first,
      long startNanos,
      long endNanos,
      long[] greatest,
      long[] leastWaiting,
      long greatestBytes,
      long greatestNanos,
      long endBytes) {
    return new Backlog(
        sliceNanos,
        first,
        startNanos,
        endNanos,
        greatest.clone(),
        leastWaiting.clone(),
        greatestBytes,
        greatestNanos,
        endBytes,
        verdict(leastWaiting));
  }

  /**
   * By the least that was waiting: a job that keeps its rate has nothing waiting now and then, also
   * in the last quarter. A pause that lasts to the end is not told from a rate that is not kept.
   */
  private static Verdict verdict(long[] waiting) {
    int count = waiting.length;
    if (count < LEAST_SLICES) {
      return Verdict.KEPT;
    }
    int middle = count - (count / 4 + 1) / 2;
    long before = least(waiting, count - count / 4, middle);
    long last = least(waiting, middle, count);
    if (before == 0 || last == 0) {
      return Verdict.KEPT;
    }
    return last > before ? Verdict.GROWING : Verdict.CATCHING_UP;
  }

  private static long least(long[] values, int from, int to) {
    long least = Long.MAX_VALUE;
    for (int i = from; i < to; i++) {
      least = Math.min(least, values[i]);
    }
    return least;
  }

  /** Whether there is none: the job has no pace. */
  public boolean isEmpty() {
    return greatest.length == 0;
  }

  /** The buffer that the stream needs, if the rate is kept. */
  public long greatestBytes() {
    return greatestBytes;
  }

  /** When the backlog was greatest, in milliseconds after the job's start. */
  public long greatestMillis() {
    return Math.round((greatestNanos - startNanos) / MILLI);
  }

  /** How far behind it was at the end. */
  public long endBytes() {
    return endBytes;
  }

  /** When that was, in milliseconds after the job's start. */
  public long endMillis() {
    return Math.round((endNanos - startNanos) / MILLI);
  }

  public Verdict verdict() {
    return verdict;
  }

  public long sliceMillis() {
    return Math.round(sliceNanos / MILLI);
  }

  /** The backlog over time, without holes. */
  public List<Slice> slices() {
    List<Slice> slices = new ArrayList<>(greatest.length);
    for (int i = 0; i < greatest.length; i++) {
      long start = Math.max(startNanos, (first + i) * sliceNanos);
      long end = Math.max(start, Math.min(endNanos, (first + i + 1) * sliceNanos));
      slices.add(
          new Slice(
              Math.round((start - startNanos) / MILLI),
              Math.round((end - startNanos) / MILLI),
              greatest[i]));
    }
    return slices;
  }

  /** The backlog of both jobs at once: the verdict is the worse one. */
  public Backlog plus(Backlog other) {
    if (isEmpty() || other.isEmpty()) {
      return isEmpty() ? other : this;
    }
    long nanos = Math.max(sliceNanos, other.sliceNanos);
    long begin = Math.min(first * sliceNanos, other.first * other.sliceNanos) / nanos;
    long end = Math.max(endSlice(nanos), other.endSlice(nanos));
    long[] most = new long[(int) (end - begin)];
    long[] least = new long[most.length];
    addTo(most, least, begin, nanos);
    other.addTo(most, least, begin, nanos);
    int at = 0;
    for (int i = 0; i < most.length; i++) {
      at = most[i] > most[at] ? i : at;
    }
    long start = Math.min(startNanos, other.startNanos);
    // Not less than either alone, to which it is exact.
    long sum = Math.max(most[at], Math.max(greatestBytes, other.greatestBytes));
    return new Backlog(
        nanos,
        begin,
        start,
        Math.max(endNanos, other.endNanos),
        most,
        least,
        Math.min(sum, greatestBytes + other.greatestBytes),
        Math.max(start, (begin + at) * nanos),
        endBytes + other.endBytes,
        verdict.compareTo(other.verdict) >= 0 ? verdict : other.verdict);
  }

  private long endSlice(long nanos) {
    return ((first + greatest.length) * sliceNanos + nanos - 1) / nanos;
  }

  /** Adds its own, joined to longer slices. */
  private void addTo(long[] most, long[] least, long begin, long nanos) {
    int each = (int) (nanos / sliceNanos);
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
