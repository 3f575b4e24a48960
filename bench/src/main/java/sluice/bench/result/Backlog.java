package sluice.bench.result;

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
   * How far behind it was at a time.
   *
   * @param nanos after the run's start
   */
  public record Moment(long nanos, long bytes) {}

  /**
   * A piece of time.
   *
   * @param startMillis when it began, after the job's start
   * @param endMillis when it ended, after the job's start
   * @param bytes the greatest backlog in it
   */
  public record Slice(long startMillis, long endMillis, long bytes) {}

  private static final Moment NEVER = new Moment(0, 0);

  /** Of a job that has no pace. */
  public static final Backlog NONE =
      new Backlog(BacklogSlices.of(1, 0, new long[0], new long[0]), 0, NEVER, NEVER, Verdict.KEPT);

  private static final double MILLI = 1e6;

  private final BacklogSlices slices;
  private final long startNanos;
  private final Moment greatest;
  private final Moment end;
  private final Verdict verdict;

  private Backlog(
      BacklogSlices slices, long startNanos, Moment greatest, Moment end, Verdict verdict) {
    this.slices = slices;
    this.startNanos = startNanos;
    this.greatest = greatest;
    this.end = end;
    this.verdict = verdict;
  }

  /**
   * The backlog of one job.
   *
   * @param slices over time
   * @param startNanos when the job began to be measured, after the run's start
   * @param greatest when it was the farthest behind
   * @param end when the last of its stream came due, or its time was up
   */
  public static Backlog of(BacklogSlices slices, long startNanos, Moment greatest, Moment end) {
    return new Backlog(slices, startNanos, greatest, end, slices.verdict());
  }

  /** Whether there is none: the job has no pace. */
  public boolean isEmpty() {
    return slices.isEmpty();
  }

  /** The buffer that the stream needs, if the rate is kept. */
  public long greatestBytes() {
    return greatest.bytes();
  }

  /** When the backlog was greatest, in milliseconds after the job's start. */
  public long greatestMillis() {
    return Math.round((greatest.nanos() - startNanos) / MILLI);
  }

  /** How far behind it was at the end. */
  public long endBytes() {
    return end.bytes();
  }

  /** When that was, in milliseconds after the job's start. */
  public long endMillis() {
    return Math.round((end.nanos() - startNanos) / MILLI);
  }

  public Verdict verdict() {
    return verdict;
  }

  public long sliceMillis() {
    return Math.round(slices.nanos() / MILLI);
  }

  /** The backlog over time, without holes. */
  public List<Slice> slices() {
    return slices.between(startNanos, end.nanos());
  }

  /** The backlog of both jobs at once: the verdict is the worse one. */
  public Backlog plus(Backlog other) {
    if (isEmpty() || other.isEmpty()) {
      return isEmpty() ? other : this;
    }
    BacklogSlices both = slices.plus(other.slices);
    Moment most = both.greatest();
    long start = Math.min(startNanos, other.startNanos);
    // Not less than either alone, to which it is exact.
    long sum = Math.max(most.bytes(), Math.max(greatestBytes(), other.greatestBytes()));
    return new Backlog(
        both,
        start,
        new Moment(
            Math.max(start, most.nanos()), Math.min(sum, greatestBytes() + other.greatestBytes())),
        new Moment(Math.max(end.nanos(), other.end.nanos()), endBytes() + other.endBytes()),
        verdict.compareTo(other.verdict) >= 0 ? verdict : other.verdict);
  }
}
