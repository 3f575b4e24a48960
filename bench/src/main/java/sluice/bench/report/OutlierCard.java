package sluice.bench.report;

import java.util.List;
import java.util.Locale;
import sluice.bench.result.SlowestIos;
import sluice.bench.result.StuckIo;
import sluice.bench.result.StuckIos;

/** The page's parts on single I/Os of a job: those that were stuck, and the slowest. */
final class OutlierCard {
  private static final int MOST_LINES = 10;

  private OutlierCard() {}

  /**
   * Nothing where nothing was stuck.
   *
   * @param tellsDrives whether the run has several drives
   */
  static String of(StuckIos stuck, boolean tellsDrives) {
    if (stuck.count() == 0) {
      return "";
    }
    StringBuilder out = new StringBuilder();
    out.append("<p class=\"bad\">")
        .append(stuck.count() == 1 ? "One I/O was stuck" : stuck.count() + " I/Os were stuck")
        .append(" for ")
        .append(Plots.duration(stuck.thresholdNanos()))
        .append(" or more, the longest for ")
        .append(Plots.duration(stuck.longestNanos()))
        .append("</p>\n<ul>\n");
    for (StuckIo each : stuck.first().stream().limit(MOST_LINES).toList()) {
      out.append("<li>").append(Svg.escaped(OutlierText.line(each, tellsDrives))).append("</li>\n");
    }
    return out.append("</ul>\n").toString();
  }

  /**
   * Nothing where none were kept.
   *
   * @param tellsDrives whether the run has several drives
   */
  static String of(SlowestIos slowest, boolean tellsDrives) {
    if (slowest.ios().isEmpty()) {
      return "";
    }
    List<List<String>> rows =
        slowest.ios().stream()
            .map(slow ->
                List.of(
                    Plots.duration(slow.nanos()),
                    String.format(Locale.ROOT, "%.3f s", slow.io().startNanos() / 1e9),
                    slow.io().command(),
                    Integer.toString(slow.io().length()),
                    Long.toString(slow.io().offset()),
                    (tellsDrives ? slow.io().drive() + " / " : "") + slow.io().queue(),
                    Integer.toString(slow.others()),
                    slow.stalledNanos() == 0
                        ? ""
                        : Plots.duration(slow.stalledNanos())
                            + (slow.isLateByStall() ? ", late by it" : "")))
            .toList();
    return "<details><summary>The %d slowest I/Os: %s to %s</summary>\n%s</details>\n"
        .formatted(
            rows.size(),
            rows.getLast().getFirst(),
            rows.getFirst().getFirst(),
            Page.table(
                List.of(
                    "latency",
                    "at",
                    "",
                    "bytes",
                    "offset",
                    tellsDrives ? "drive / queue" : "queue",
                    "others out",
                    "stall of this machine"),
                rows));
  }
}
