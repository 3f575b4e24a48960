package sluice.bench.report;

import java.util.Formatter;
import java.util.Locale;
import sluice.bench.result.Io;
import sluice.bench.result.SlowIo;
import sluice.bench.result.SlowestIos;
import sluice.bench.result.StuckIo;
import sluice.bench.result.StuckIos;

/** Single I/Os in words: those that were stuck, and the slowest. */
final class OutlierText {
  /** More than these are in JSON only. */
  private static final int MOST_LINES = 10;

  private OutlierText() {}

  /**
   * Lines of the report for people; none where nothing was stuck.
   *
   * @param tellsDrives whether the run has several drives
   */
  static String of(StuckIos stuck, boolean tellsDrives) {
    if (stuck.count() == 0) {
      return "";
    }
    Formatter text = new Formatter(Locale.ROOT);
    text.format("  stuck        : %s\n", summary(stuck));
    stuck.first().stream()
        .limit(MOST_LINES)
        .forEach(each -> text.format("     %s\n", line(each, tellsDrives)));
    if (stuck.count() > MOST_LINES) {
      text.format("     and %d more\n", stuck.count() - MOST_LINES);
    }
    return text.toString();
  }

  /**
   * Lines of the report for people; none where none are wanted or there are none.
   *
   * @param tellsDrives whether the run has several drives
   */
  static String of(SlowestIos slowest, boolean tellsDrives) {
    if (slowest.ios().isEmpty()) {
      return "";
    }
    Formatter text = new Formatter(Locale.ROOT);
    text.format(
        "  slowest IOs  :    msec         at  %squeue    rw    bytes  others         offset\n",
        tellsDrives ? "drive  " : "");
    for (SlowIo each : slowest.ios()) {
      Io io = each.io();
      text.format(
          "     %19.3f %8.3f s%s %6d %5s %8d %7d %14d%s\n",
          each.nanos() / 1e6,
          io.startNanos() / 1e9,
          tellsDrives ? " %6d".formatted(io.drive()) : "",
          io.queue(),
          io.command(),
          io.length(),
          each.others(),
          io.offset(),
          lateness(each));
    }
    return text.toString();
  }

  /** How much of its latency may be this machine's, in words; empty if nothing is. */
  static String lateness(SlowIo slow) {
    if (slow.stalledNanos() == 0) {
      return "";
    }
    return String.format(
        Locale.ROOT,
        "  (%s a stall of this machine: %.3f)",
        slow.isLateByStall() ? "late by" : "in part in",
        slow.stalledNanos() / 1e6);
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

  /**
   * What it was, where, since when, for how long, and how that ended.
   *
   * @param tellsDrive whether the run has several drives
   */
  static String line(StuckIo stuck, boolean tellsDrive) {
    return String.format(
        Locale.ROOT,
        "%s, %s, at %.3f s, out for %.3f s: %s",
        stuck.io().what(),
        stuck.io().way(tellsDrive),
        stuck.io().startNanos() / 1e9,
        stuck.nanos() / 1e9,
        stuck.isOver() ? stuck.end() : "still out");
  }
}
