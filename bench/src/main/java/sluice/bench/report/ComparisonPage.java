package sluice.bench.report;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import sluice.bench.compare.Comparison;
import sluice.bench.compare.ComparisonText;
import sluice.bench.compare.Difference;
import sluice.bench.compare.Difference.Verdict;

/** The page of {@code bench --compare}: what is known first, then each figure with its interval. */
public final class ComparisonPage {
  private static final List<String> COLUMNS =
      List.of("", "change", "±%.0f%%", "", "a", "b", "between");

  /** What is shown of intervals, as a share: more is cut off at the edge. */
  private static final double LEAST_SCALE = 0.1;

  private static final double MOST_SCALE = 1;

  private ComparisonPage() {}

  /**
   * The whole page.
   *
   * @param failures of the comparison, that are a failure by what was asked
   */
  public static String of(Comparison comparison, List<Difference> failures) {
    StringBuilder out = new StringBuilder(Page.begin("Two runs compared", "sluice bench"));
    out.append(
        Page.facts(
            List.of(
                Page.fact("a", String.join(", ", comparison.filesBefore())),
                Page.fact("b", String.join(", ", comparison.filesAfter())))));
    out.append("<div class=\"card answer\">\n");
    answer(comparison, failures)
        .forEach(line -> out.append("<p>").append(Svg.escaped(line)).append("</p>\n"));
    out.append("</div>\n").append(table(comparison, failures));
    if (!comparison.notes().isEmpty()) {
      out.append("<details class=\"card warnings\" open><summary>To be known</summary><ul>\n");
      comparison
          .notes()
          .forEach(note -> out.append("<li>").append(Svg.escaped(note)).append("</li>\n"));
      out.append("</ul></details>\n");
    }
    ComparisonText.how(comparison)
        .lines()
        .forEach(line -> out.append("<p class=\"soft\">" + Svg.escaped(line) + "</p>\n"));
    return out.append(Page.end()).toString();
  }

  /** The most important first. */
  private static List<String> answer(Comparison comparison, List<Difference> failures) {
    Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
    comparison.differences().forEach(each -> counts.merge(each.verdict(), 1, Integer::sum));
    int worse = counts.getOrDefault(Verdict.WORSE, 0);
    int better = counts.getOrDefault(Verdict.BETTER, 0);
    int same = counts.getOrDefault(Verdict.SAME, 0);
    int all = comparison.differences().size();
    List<String> lines = new ArrayList<>();
    lines.add(
        worse + better == 0
            ? "No figure is known to be better or worse."
            : "Of %d figures %d %s worse and %d better."
                .formatted(all, worse, worse == 1 ? "is" : "are", better));
    lines.add("%d the same, %d that cannot be told.".formatted(same, all - worse - better - same));
    if (!failures.isEmpty()) {
      lines.add("%d lost more than was allowed (--fail-on).".formatted(failures.size()));
    }
    return lines;
  }

  private static String table(Comparison comparison, List<Difference> failures) {
    double scale =
        comparison.differences().stream()
            .filter(each -> each.verdict().isKnown() && Double.isFinite(each.most()))
            .mapToDouble(each -> Math.max(Math.abs(each.least()), Math.abs(each.most())))
            .max()
            .orElse(0);
    double most = Math.clamp(scale * 1.1, LEAST_SCALE, MOST_SCALE);
    StringBuilder out =
        new StringBuilder("<div class=\"card scroll\"><table class=\"compared\"><thead>");
    out.append(row("th", COLUMNS.stream().map(name -> name.formatted(100 * most)).toList()));
    out.append("</thead><tbody>\n");
    String last = "";
    for (Difference each : comparison.differences()) {
      if (!each.row().equals(last)) {
        out.append("<tr><th colspan=\"%d\">".formatted(COLUMNS.size()))
            .append(Svg.escaped(each.row()))
            .append("</th></tr>\n");
      }
      last = each.row();
      out.append(row("td", cells(comparison, each, failures.contains(each), most)));
    }
    return out.append("</tbody></table></div>\n").toString();
  }

  private static List<String> cells(
      Comparison comparison, Difference each, boolean failed, double most) {
    double unit = each.figure().scale();
    String words = ComparisonText.words(comparison, each.verdict()) + (failed ? ", a failure" : "");
    return List.of(
        Svg.escaped(each.figure().label()),
        ComparisonText.percent(each.change()),
        interval(each, comparison.tolerance(), most),
        "<span class=\"%s\">%s</span>".formatted(tone(each.verdict()), Svg.escaped(words)),
        ComparisonText.grouped(each.before() * unit),
        ComparisonText.grouped(each.after() * unit),
        between(each));
  }

  private static String row(String tag, List<String> cells) {
    return cells.stream()
        .map(cell -> "<" + tag + ">" + cell + "</" + tag + ">")
        .collect(Collectors.joining("", "<tr>", "</tr>\n"));
  }

  private static String between(Difference each) {
    return hasInterval(each)
        ? ComparisonText.percent(each.least()) + " to " + ComparisonText.percent(each.most())
        : "";
  }

  private static boolean hasInterval(Difference each) {
    return Double.isFinite(each.least()) && Double.isFinite(each.most());
  }

  private static String tone(Verdict verdict) {
    return switch (verdict) {
      case WORSE -> "bad";
      case BETTER -> "good";
      case SAME -> "";
      default -> "soft";
    };
  }

  /** The interval as a bar, the change as a mark in it, and what is called the same behind it. */
  private static String interval(Difference each, double tolerance, double most) {
    StringBuilder out = new StringBuilder("<span class=\"interval\">");
    out.append(part("same", -tolerance, tolerance, most));
    if (hasInterval(each)) {
      out.append(part("between " + tone(each.verdict()), each.least(), each.most(), most));
    }
    if (Double.isFinite(each.change())) {
      out.append(part("change", each.change(), each.change(), most));
    }
    return out.append("</span>").toString();
  }

  private static String part(String style, double from, double to, double most) {
    double left = place(from, most);
    return String.format(
        Locale.ROOT,
        "<i class=\"%s\" style=\"left:%.1f%%;width:%.1f%%\"></i>",
        style.strip(),
        left,
        place(to, most) - left);
  }

  private static double place(double change, double most) {
    return 50 + 50 * Math.clamp(change / most, -1, 1);
  }
}
