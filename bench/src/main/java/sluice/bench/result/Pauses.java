package sluice.bench.result;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The pauses of a job, in which the drive had commands and was seen to complete none: what a
 * recorder has to bridge by a buffer. How large that has to be is told by the {@link Backlog} of a
 * job that has a recorder's pace. What may have been the drive's or this machine's is no pause, but
 * one of the {@link Stalls}.
 *
 * @param thresholdNanos what is shorter is no pause
 * @param count how many there were
 * @param totalNanos how long they were together
 * @param longestNanos how long the longest was
 * @param heldUpBytes how much data comes in during the longest, at the rate that was measured
 * @param longest the longest of them in the order of time; {@link Span#KEPT} at most
 */
public record Pauses(
    long thresholdNanos,
    long count,
    long totalNanos,
    long longestNanos,
    long heldUpBytes,
    List<Span> longest) {

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
        longestOf(longest, other.longest));
  }

  /** The longest of both in the order of time. */
  static List<Span> longestOf(List<Span> some, List<Span> others) {
    return Stream.concat(some.stream(), others.stream())
        .sorted(Comparator.comparingLong(Span::nanos).reversed())
        .limit(Span.KEPT)
        .sorted(Comparator.comparingLong(Span::startMillis))
        .toList();
  }
}
