package sluice.bench.result;

import java.util.List;

/**
 * The stalls of this machine: times in which nobody looked at a job's queue, because its thread did
 * not run or was busy otherwise. What the drive did then is not known. Pauses shorter than a stall
 * cannot be told from it, and latencies that were measured across one are too long.
 *
 * @param thresholdNanos what is shorter is no stall
 * @param count how many there were
 * @param totalNanos how long they were together
 * @param longestNanos how long the longest was
 * @param latencies how many I/Os were seen to be done only after one
 * @param longest the longest of them in the order of time; {@link Span#KEPT} at most
 */
public record Stalls(
    long thresholdNanos,
    long count,
    long totalNanos,
    long longestNanos,
    long latencies,
    List<Span> longest) {

  public static final Stalls NONE = new Stalls(0, 0, 0, 0, 0, List.of());

  public Stalls {
    longest = List.copyOf(longest);
  }

  /** The stalls of two jobs; jobs that share a thread stall together, and each of them counts. */
  public Stalls plus(Stalls other) {
    return new Stalls(
        Math.max(thresholdNanos, other.thresholdNanos),
        count + other.count,
        totalNanos + other.totalNanos,
        Math.max(longestNanos, other.longestNanos),
        latencies + other.latencies,
        Pauses.longestOf(longest, other.longest));
  }
}
