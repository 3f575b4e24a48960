package sluice.bench.run;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import sluice.bench.result.Pause;
import sluice.bench.result.Pauses;

/**
 * Finds the times in which a drive that had commands completed none. Told by one thread; allocates
 * nothing.
 */
final class PauseMeter {
  private final long threshold;
  private final long[] starts = new long[Pauses.KEPT];
  private final long[] lengths = new long[Pauses.KEPT];
  private int kept;
  private int shortest;
  private long count;
  private long total;
  private long longest;
  private long silentSince;

  PauseMeter(long thresholdNanos) {
    threshold = thresholdNanos;
  }

  /** Commands went out, and none was out before. */
  void awake(long now) {
    silentSince = now;
  }

  /**
   * Commands have completed.
   *
   * @param origin what a pause's start is counted from
   */
  void completed(long now, long origin) {
    long silence = now - silentSince;
    if (silence >= threshold) {
      keep(silentSince - origin, silence);
    }
    silentSince = now;
  }

  private void keep(long start, long nanos) {
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

  /** Forgets all: a ramp has ended. */
  void reset(long now) {
    kept = 0;
    shortest = 0;
    count = 0;
    total = 0;
    longest = 0;
    silentSince = now;
    Arrays.fill(lengths, 0);
  }

  /**
   * @param bytesPerSecond the rate that was measured
   */
  Pauses result(double bytesPerSecond) {
    List<Pause> longestOnes =
        IntStream.range(0, kept)
            .boxed()
            .sorted((a, b) -> Long.compare(starts[a], starts[b]))
            .map(i -> new Pause(Math.max(0, starts[i]) / 1_000_000, lengths[i]))
            .toList();
    long heldUp = (long) Math.ceil(longest * bytesPerSecond / 1e9);
    return new Pauses(threshold, count, total, longest, heldUp, longestOnes);
  }
}
