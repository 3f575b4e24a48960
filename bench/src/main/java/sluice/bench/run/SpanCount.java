package sluice.bench.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import sluice.bench.result.Span;

/** Counts pieces of time, and keeps the longest. Told by one thread; allocates nothing then. */
final class SpanCount {
  private final long[] starts = new long[Span.KEPT];
  private final long[] lengths = new long[Span.KEPT];
  private int kept;
  private int shortest;
  private long count;
  private long total;
  private long longest;

  /**
   * @param start in nanoseconds after the job's start; before it counts as at it
   */
  void add(long start, long nanos) {
    count++;
    total += nanos;
    longest = Math.max(longest, nanos);
    if (kept < starts.length) {
      starts[kept] = start;
      lengths[kept++] = nanos;
    } else if (nanos > lengths[shortest]) {
      starts[shortest] = start;
      lengths[shortest] = nanos;
    } else {
      return;
    }
    if (kept == starts.length) {
      for (int i = 0; i < kept; i++) {
        shortest = lengths[i] < lengths[shortest] ? i : shortest;
      }
    }
  }

  void reset() {
    kept = 0;
    shortest = 0;
    count = 0;
    total = 0;
    longest = 0;
    Arrays.fill(lengths, 0);
  }

  long count() {
    return count;
  }

  long totalNanos() {
    return total;
  }

  long longestNanos() {
    return longest;
  }

  /** The longest in the order of time. */
  List<Span> spans() {
    List<Span> spans = new ArrayList<>(kept);
    for (int i = 0; i < kept; i++) {
      spans.add(new Span(Math.max(0, starts[i]) / 1_000_000, lengths[i]));
    }
    spans.sort(Comparator.comparingLong(Span::startMillis));
    return spans;
  }
}
