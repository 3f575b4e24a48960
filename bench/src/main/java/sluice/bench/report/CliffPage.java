package sluice.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import sluice.bench.cliff.CliffResult;
import sluice.bench.result.Conditions;
import sluice.bench.result.Span;
import sluice.support.text.Units;

/** The page of {@code bench cliff}: the rate over what was written, and the pauses. */
public final class CliffPage {
  /** More columns than this would not be told apart. */
  private static final int MOST_COLUMNS = 400;

  private CliffPage() {}

  /**
   * The whole page.
   *
   * @param drive its address
   * @param answer lines that tell the result, the first before all else
   */
  public static String of(
      String drive, List<String> answer, CliffResult result, Conditions conditions) {
    StringBuilder out = new StringBuilder(Page.begin(drive, "sluice bench cliff"));
    out.append("<div class=\"card answer\">\n");
    answer.forEach(line -> out.append("<p>").append(Svg.escaped(line)).append("</p>\n"));
    out.append("</div>\n<section class=\"card\"><div class=\"plots\">\n");
    out.append(Page.plot("Rate over bytes written", rate(result)));
    if (result.pauses().count() > 0) {
      out.append(Page.plot("Pauses over bytes written", pauses(result)));
    }
    out.append("</div></section>\n").append(levels(result));
    List<String> facts = new ArrayList<>();
    for (Map.Entry<String, String> fact : conditions.facts().entrySet()) {
      facts.add(Page.fact(fact.getKey(), fact.getValue()));
    }
    return out.append(Page.facts(facts)).append(Page.end()).toString();
  }

  private static double unit(long most) {
    return most >= 1L << 34 ? 1L << 30 : 1 << 20;
  }

  private static Axis written(CliffResult result) {
    return Axis.linear(result.bytes() / unit(result.bytes()), Svg.LEFT, Svg.RIGHT);
  }

  private static String written(CliffResult result, String what) {
    return what + " over " + (unit(result.bytes()) > 1 << 20 ? "GiB" : "MiB") + " written";
  }

  private static String rate(CliffResult result) {
    int steps = result.stepEnds().size();
    int each = Math.max(1, Math.ceilDiv(steps, MOST_COLUMNS));
    double highest = 0;
    for (int step = 0; step < steps; step += each) {
      highest = Math.max(highest, result.rate(step, Math.min(steps, step + each)));
    }
    Axis x = written(result);
    Axis y = Axis.linear(highest / 1e6 * 1.08, Svg.BOTTOM, Svg.TOP);
    Svg svg = new Svg("Rate over bytes written").vertical(y, Plots::plain);
    svg.horizontal(x, Plots::plain, written(result, "MB/s"));
    StringBuilder path = new StringBuilder();
    StringBuilder hits = new StringBuilder();
    double unit = unit(result.bytes());
    for (int step = 0; step < steps; step += each) {
      int to = Math.min(steps, step + each);
      long end = Math.min(to * result.stepBytes(), result.bytes());
      double rate = result.rate(step, to);
      double left = x.place(step * result.stepBytes() / unit);
      double right = x.place(end / unit);
      double height = y.place(rate / 1e6);
      path.append(path.isEmpty() ? 'M' : 'L');
      path.append(String.format(Locale.ROOT, "%.1f %.1fL%.1f %.1f", left, height, right, height));
      hits.append(
          String.format(
              Locale.ROOT,
              "<rect class=\"hit\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"><title>",
              left,
              Svg.TOP,
              right - left,
              Svg.BOTTOM - Svg.TOP));
      hits.append(Units.formatSize(end)).append(": ").append(Units.formatRate(rate));
      hits.append("</title></rect>\n");
    }
    svg.draw()
        .format("<g class=\"write\"><path class=\"area\" d=\"M%d %d", Svg.LEFT, Svg.BOTTOM)
        .format("L%sL%d %dZ\"/>", path.substring(1), Svg.RIGHT, Svg.BOTTOM)
        .format("<path class=\"line\" d=\"%s\"/></g>\n", path);
    if (result.hasCliff()) {
      double at = x.place(result.cliffBytes() / unit);
      svg.draw()
          .format("<line class=\"mark\" x1=\"%.1f\" x2=\"%.1f\"", at, at)
          .format(" y1=\"%d\" y2=\"%d\"/>\n", Svg.TOP, Svg.BOTTOM);
    }
    svg.draw().format("%s", hits);
    return svg.end();
  }

  private static String pauses(CliffResult result) {
    Axis x = written(result);
    long lowest = result.pauses().thresholdNanos() / 10;
    Axis y = Axis.logarithmic(lowest, result.pauses().longestNanos(), Svg.BOTTOM, Svg.TOP);
    Svg svg = new Svg("Pauses over bytes written").vertical(y, Plots::duration);
    svg.horizontal(x, Plots::plain, written(result, "pauses"));
    for (Span span : result.pauses().longest()) {
      long at = result.bytesAt(span.startMillis() * 1_000_000);
      double place = x.place(at / unit(result.bytes()));
      svg.draw()
          .format("<line class=\"stem\" x1=\"%.1f\" x2=\"%.1f\"", place, place)
          .format(" y1=\"%d\" y2=\"%.1f\">", Svg.BOTTOM, y.place((double) span.nanos()))
          .format(
              "<title>%s after %s</title></line>\n",
              Plots.duration(span.nanos()), Units.formatSize(at));
    }
    return svg.end();
  }

  private static String levels(CliffResult result) {
    List<List<String>> rows =
        result.levels().stream()
            .map(level ->
                List.of(
                    Units.formatSize(level.from()),
                    Units.formatSize(level.to()),
                    Units.formatRate(level.bytesPerSecond()),
                    Plots.duration(level.nanos())))
            .toList();
    return Page.table(List.of("written from", "to", "rate", "took"), rows);
  }
}
