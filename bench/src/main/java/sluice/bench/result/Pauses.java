package sluice.bench.result;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The pauses of a job: what a recorder has to bridge by a buffer.
 *
 * @param thresholdNanos what is shorter is no pause
 * @param count how many there were
 * @param totalNanos how long they were together
 * @param longestNanos how long the longest was
 * @param bufferBytes how much data the longest holds up at the job's rate: the asked rate where it
 *     has one, else the measured one
 * @param longest the longest of them in the order of time; 1,000 at most
 */
public record Pauses(
    long thresholdNanos,
    long count,
    long totalNanos,
    long longestNanos,
    long bufferBytes,
    List<Pause> longest) {

  /** How many are kept one by one. */
  public static final int KEPT = 1_000;

  public static final Pauses NONE = new Pauses(0, 0, 0, 0, 0, List.of());

  public Pauses {
    longest = List.copyOf(longest);
  }

  /** The pauses of two jobs; the buffers are summed, since both may pause at the same time. */
  public Pauses plus(Pauses other) {
    return new Pauses(
        Math.max(thresholdNanos, other.thresholdNanos),
        count + other.count,
        totalNanos + other.totalNanos,
        Math.max(longestNanos, other.longestNanos),
        bufferBytes + other.bufferBytes,
        Stream.concat(longest.stream(), other.longest.stream())
            .sorted(Comparator.comparingLong(Pause::nanos).reversed())
            .limit(KEPT)
            .sorted(Comparator.comparingLong(Pause::startMillis))
            .toList());
  }
}
