package sluice.bench.report;

import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import sluice.bench.report.RoundsText.Line;
import sluice.bench.result.Rounds;
import sluice.bench.result.Rounds.Series;

/** The page's part on rounds: the table of medians and extremes, with a dot for each round. */
final class RoundsCard {
  private static final int WIDTH = 150;
  private static final int HEIGHT = 14;
  private static final int EDGE = 5;

  private RoundsCard() {}

  /** Nothing where one round was asked for. */
  static String of(Rounds rounds) {
    if (!rounds.isWanted()) {
      return "";
    }
    StringBuilder out = new StringBuilder();
    Formatter text = new Formatter(out, Locale.ROOT);
    text.format(
        "<div class=\"card scroll\"><h3>%s</h3>\n<table><thead><tr>", RoundsText.heading(rounds));
    for (String column : List.of("job", "", "median", "min", "max", "spread", "rounds in turn")) {
      text.format("<th>%s</th>", column);
    }
    out.append("</tr></thead><tbody>\n");
    for (Line line : RoundsText.lines(rounds)) {
      text.format(
          "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n",
          Svg.escaped(line.job()),
          line.figure(),
          line.median(),
          line.min(),
          line.max(),
          line.spread(),
          strip(line));
    }
    out.append("</tbody></table></div>\n");
    return out.toString();
  }

  /** A round after the other from the left; as high as its value between the extremes. */
  private static String strip(Line line) {
    Series series = line.series();
    double range = series.max() - series.min();
    int count = series.values().size();
    StringBuilder out = new StringBuilder();
    Formatter draw = new Formatter(out, Locale.ROOT);
    draw.format(
        "<svg class=\"strip\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s of each round\">",
        WIDTH, HEIGHT + 2 * EDGE, line.figure());
    for (int i = 0; i < count; i++) {
      double x = EDGE + (WIDTH - 2 * EDGE) * (count == 1 ? 0.5 : (double) i / (count - 1));
      double part = range > 0 ? (series.values().get(i) - series.min()) / range : 0.5;
      draw.format(
          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"><title>round %d: %s</title></circle>",
          x,
          EDGE + HEIGHT * (1 - part),
          i + 1,
          RoundsText.grouped(series.values().get(i) * line.scale()));
    }
    return out.append("</svg>").toString();
  }
}
