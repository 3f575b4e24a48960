package sluice.bench.result;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The I/Os of a job that were stuck.
 *
 * @param thresholdNanos from which time on an I/O is stuck; 0 if nobody looked
 * @param count how many there were
 * @param longestNanos how long the longest was out
 * @param first the first of them in the order of time; {@link #KEPT} at most
 */
public record StuckIos(long thresholdNanos, long count, long longestNanos, List<StuckIo> first) {
  /** How many are kept one by one. */
  public static final int KEPT = 100;

  public static final StuckIos NONE = new StuckIos(0, 0, 0, List.of());

  public StuckIos {
    first = List.copyOf(first);
  }

  /** Those of two jobs. */
  public StuckIos plus(StuckIos other) {
    return new StuckIos(
        Math.max(thresholdNanos, other.thresholdNanos),
        count + other.count,
        Math.max(longestNanos, other.longestNanos),
        Stream.concat(first.stream(), other.first.stream())
            .sorted(Comparator.comparingLong(stuck -> stuck.io().startNanos()))
            .limit(KEPT)
            .toList());
  }
}
