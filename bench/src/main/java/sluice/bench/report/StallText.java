package sluice.bench.report;

import java.util.Locale;
import sluice.bench.result.Stalls;

/** What stalls of this machine say of the figures, in words. */
final class StallText {
  private StallText() {}

  /** A part of a sentence; of stalls that there are. */
  static String of(Stalls stalls) {
    return "%d of this machine, %s in all, in %d latencies; pauses shorter than %s cannot be told"
        .formatted(
            stalls.count(),
            millis(stalls.totalNanos()),
            stalls.latencies(),
            millis(stalls.longestNanos()));
  }

  private static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
  }
}
