package sluice.bench.result;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The pauses of a job: what a recorder has to bridge by a buffer. How large that has to be is told
 * by the {@link Backlog} of a job that has a recorder's pace.
 *
 * @param thresholdNanos what is shorter is no pause
 * @param count how many there were
 * @param totalNanos how long they were together
 * @param longestNanos how long the longest was
 * @param heldUpBytes how much data comes in during the longest, at the rate that was measured
 * @param longest the longest of them in the order of time; 1,000 at most
 */
public record Pauses(
    long thresholdNanos,
    long count,
    long totalNanos,
    long longestNanos,
    long heldUpBytes,
    List<Pause> longest) {

  /** How many are kept one by one. */
  public static final int KEPT = 1_000;

  public static final Pauses NONE = new Pauses(0, 0, 0, 0, 0, List.of());

  public Pauses {
    longest = List.copyOf(longest);
  }

  /** The pauses of two jobs; what they hold up is summed: both may pause at the same time. */
  public Pauses plus(Pauses other) {
    return new Pauses(
        Math.max(thresholdNanos, other.thresholdNanos),
        count + other.count,
        totalNanos + other.totalNanos,
        Math.max(longestNanos, other.longestNanos),
        heldUpBytes + other.heldUpBytes,
        Stream.concat(longest.stream(), other.longest.stream())
            .sorted(Comparator.comparingLong(Pause::nanos).reversed())
            .limit(KEPT)
            .sorted(Comparator.comparingLong(Pause::startMillis))
            .toList());
  }
}
