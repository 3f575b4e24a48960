package sluice.bench.report;

import java.util.Formatter;
import java.util.Locale;
import sluice.bench.result.StuckIo;
import sluice.bench.result.StuckIos;

/** Single I/Os in words: those that were stuck. */
final class OutlierText {
  /** More than these are in JSON only. */
  private static final int MOST_LINES = 10;

  private OutlierText() {}

  /** Lines of the report for people; none where nothing was stuck. */
  static String of(StuckIos stuck) {
    if (stuck.count() == 0) {
      return "";
    }
    Formatter text = new Formatter(Locale.ROOT);
    text.format("  stuck        : %s\n", summary(stuck));
    stuck.first().stream().limit(MOST_LINES).forEach(each -> text.format("     %s\n", line(each)));
    if (stuck.count() > MOST_LINES) {
      text.format("     and %d more\n", stuck.count() - MOST_LINES);
    }
    return text.toString();
  }

  /** How many, and for how long. */
  static String summary(StuckIos stuck) {
    return String.format(
        Locale.ROOT,
        "count=%d, longest=%.3fsec (out for %.3fsec or more)",
        stuck.count(),
        stuck.longestNanos() / 1e9,
        stuck.thresholdNanos() / 1e9);
  }

  /** What it was, since when, for how long, and how that ended. */
  static String line(StuckIo stuck) {
    return String.format(
        Locale.ROOT,
        "%s, queue %d, at %.3f s, out for %.3f s: %s",
        stuck.io().what(),
        stuck.io().queue(),
        stuck.io().startNanos() / 1e9,
        stuck.nanos() / 1e9,
        stuck.isOver() ? stuck.end() : "still out");
  }
}
