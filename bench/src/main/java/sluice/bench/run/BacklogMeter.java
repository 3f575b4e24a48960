package sluice.bench.run;

import java.util.Arrays;
import sluice.bench.result.Backlog;
import sluice.bench.result.BacklogSlices;

/**
 * Measures how far a paced job is behind its stream. Told by one thread; allocates nothing, and
 * needs the same memory however long it takes: when its slices are used up, neighbours are joined.
 *
 * <p>Between two looks the backlog grows evenly, since nothing completes: what is between them is
 * filled in, so that a pause without any look counts in all slices that it goes through.
 */
final class BacklogMeter {
  private static final long SHORTEST_NANOS = 10_000_000;
  private static final int MOST_SLICES = 2048;

  private final long[] greatest = new long[MOST_SLICES];
  private final long[] leastWaiting = new long[MOST_SLICES];
  private long base;
  private long sliceNanos;
  private long first;
  private int last;
  private long lastEnd;
  private boolean counts;
  private long start;
  private long end;
  private long time;
  private long waiting;
  private long inFlight;
  private long behindAtEnd;
  private long most;
  private long mostAt;

  /** Slices begin here, for all jobs of a run. Before {@link #begin}. */
  void base(long nanos) {
    base = nanos;
  }

  /** The job begins, or its ramp has ended; what is in flight then counts on. */
  void begin(long now) {
    sliceNanos = SHORTEST_NANOS;
    first = Math.floorDiv(now - base, sliceNanos);
    last = -1;
    lastEnd = now;
    start = now;
    time = now;
    waiting = 0;
    most = 0;
    mostAt = now;
    counts = true;
  }

  /** A stream begins again after its end. */
  void resume(long now) {
    counts = true;
    time = now;
    waiting = 0;
  }

  void issued(int bytes) {
    inFlight += bytes;
  }

  void completed(int bytes) {
    inFlight -= bytes;
  }

  /**
   * A look at it: before what has completed by now is told, and after what is due was issued.
   *
   * @param nowWaiting bytes that are due and not issued
   */
  void look(long now, long nowWaiting) {
    if (!counts) {
      return;
    }
    while (now - lastEnd >= 0) {
      next(now, nowWaiting);
    }
    put(now, nowWaiting + inFlight, nowWaiting);
    time = now;
    waiting = nowWaiting;
  }

  /** The last of the stream has come due, or its time is up: the last look until it resumes. */
  void end(long now, long nowWaiting) {
    if (counts) {
      look(now, nowWaiting);
      end = now;
      behindAtEnd = nowWaiting + inFlight;
      counts = false;
    }
  }

  /** Leaves a slice, with what there was at its end. */
  private void next(long now, long nowWaiting) {
    long then = between(now, nowWaiting);
    if (last >= 0) {
      put(lastEnd, then + inFlight, then);
    }
    if (last == MOST_SLICES - 1) {
      long left = lastEnd;
      join();
      if (lastEnd - left > 0) {
        // The joined slice has room still.
        return;
      }
    }
    last++;
    lastEnd = base + (first + last + 1) * sliceNanos;
    greatest[last] = then + inFlight;
    leastWaiting[last] = then;
  }

  /** What was waiting when the slice ended, on a line from the last look to this one. */
  private long between(long now, long nowWaiting) {
    if (lastEnd - time <= 0 || now == time) {
      return waiting;
    }
    double share = (double) (lastEnd - time) / (now - time);
    return waiting + (long) (share * (nowWaiting - waiting));
  }

  private void put(long now, long bytes, long nowWaiting) {
    greatest[last] = Math.max(greatest[last], bytes);
    leastWaiting[last] = Math.min(leastWaiting[last], nowWaiting);
    if (bytes > most) {
      most = bytes;
      mostAt = now;
    }
  }

  /** Makes slices twice as long, still counted from the base. */
  private void join() {
    long joined = Math.floorDiv(first, 2);
    int slot = -1;
    for (int i = 0; i <= last; i++) {
      int to = (int) (Math.floorDiv(first + i, 2) - joined);
      boolean isNew = to != slot;
      slot = to;
      greatest[to] = isNew ? greatest[i] : Math.max(greatest[to], greatest[i]);
      leastWaiting[to] = isNew ? leastWaiting[i] : Math.min(leastWaiting[to], leastWaiting[i]);
    }
    first = joined;
    last = slot;
    sliceNanos *= 2;
    lastEnd = base + (first + last + 1) * sliceNanos;
  }

  Backlog result() {
    if (last < 0) {
      return Backlog.NONE;
    }
    BacklogSlices slices =
        BacklogSlices.of(
            sliceNanos,
            first,
            Arrays.copyOf(greatest, last + 1),
            Arrays.copyOf(leastWaiting, last + 1));
    Backlog.Moment lastLook =
        counts
            ? new Backlog.Moment(time - base, inFlight + waiting)
            : new Backlog.Moment(end - base, behindAtEnd);
    return Backlog.of(slices, start - base, new Backlog.Moment(mostAt - base, most), lastLook);
  }
}
