package sluice.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import sluice.bench.pts.Cell;
import sluice.bench.pts.PtsResult;
import sluice.bench.pts.SteadyWindow;
import sluice.bench.result.Conditions;

/** The page of the tests of the PTS: steady state as plots, and the tables. */
public final class PtsPage {
  private PtsPage() {}

  /** The whole page. */
  public static String of(PtsResult result, String drive, Conditions conditions) {
    StringBuilder out = new StringBuilder(Page.begin(drive, "sluice bench pts"));
    out.append("<div class=\"card answer\">\n");
    for (PtsResult.Test test : result.tests()) {
      out.append(paragraph(test.test().title() + ": " + PtsText.answer(test)));
    }
    PtsText.setting(result).forEach(line -> out.append(paragraph(line)));
    out.append("</div>\n");
    for (PtsResult.Test test : result.tests()) {
      out.append("<section class=\"card\"><h2>").append(test.test().title()).append("</h2>\n");
      out.append("<div class=\"plots\">\n");
      if (!test.rounds().isEmpty()) {
        for (Cell cell : test.test().tracked()) {
          String title = "Steady state: " + cell + ", " + test.test().figure().unit();
          out.append(Page.plot(title, convergence(test, cell)));
        }
      }
      out.append("</div>\n").append(windows(test)).append("</section>\n");
      PtsText.matrices(test).forEach(matrix -> out.append(matrix(test, matrix)));
    }
    if (result.interrupted()) {
      out.append("<p class=\"bad\">It was interrupted: only whole rounds are here.</p>\n");
    }
    List<String> facts = new ArrayList<>();
    if (result.drive() != null) {
      facts.add(Page.fact("model", result.drive().model()));
      facts.add(Page.fact("firmware", result.drive().firmware()));
      facts.add(Page.fact("serial", result.drive().serial()));
    }
    for (Map.Entry<String, String> fact : conditions.facts().entrySet()) {
      facts.add(Page.fact(fact.getKey(), fact.getValue()));
    }
    return out.append(Page.facts(facts)).append(Page.end()).toString();
  }

  private static String paragraph(String text) {
    return "<p>" + Svg.escaped(text) + "</p>\n";
  }

  /** A figure round by round; its last five with their mean, and the line of best fit. */
  private static String convergence(PtsResult.Test test, Cell cell) {
    List<Double> values = test.values(cell);
    double highest = values.stream().mapToDouble(value -> value).max().orElse(1);
    Axis x = Axis.linear(values.size() + 0.5, Svg.LEFT, Svg.RIGHT);
    Axis y = Axis.linear(highest * 1.08, Svg.BOTTOM, Svg.TOP);
    Svg svg = new Svg("Steady state of " + cell).vertical(y, PtsPage::brief);
    svg.horizontal(x, Plots::plain, test.test().figure().unit() + " by round");
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < values.size(); i++) {
      path.append(path.isEmpty() ? 'M' : 'L');
      path.append(point(x.place(i + 1), y.place(values.get(i))));
    }
    svg.draw().format("<g class=\"read\"><path class=\"line\" d=\"%s\"/>\n", path);
    for (int i = 0; i < values.size(); i++) {
      svg.draw()
          .format("<circle class=\"dot\" r=\"3\" cx=\"%.1f\"", x.place(i + 1))
          .format(" cy=\"%.1f\"><title>round %d: ", y.place(values.get(i)), i + 1)
          .format("%s</title></circle>\n", PtsText.value(values.get(i)));
    }
    svg.draw().format("</g>\n");
    SteadyWindow window = test.windows().get(cell);
    if (window != null) {
      double first = window.lastRound() - SteadyWindow.ROUNDS + 1;
      double last = window.lastRound();
      svg.draw()
          .format(
              "<path class=\"mark\" d=\"M%sL%s\"/>\n",
              point(x.place(first), y.place(window.intercept() + window.slope() * first)),
              point(x.place(last), y.place(window.intercept() + window.slope() * last)));
    }
    return svg.end();
  }

  /** Thousands with a letter, so that the axis has room for them. */
  private static String brief(double value) {
    return value >= 10_000 ? Plots.plain(value / 1000) + "k" : Plots.plain(value);
  }

  private static String point(double x, double y) {
    return String.format(Locale.ROOT, "%.1f %.1f", x, y);
  }

  private static String windows(PtsResult.Test test) {
    List<List<String>> rows = new ArrayList<>();
    test.windows()
        .forEach((cell, window) ->
            rows.add(
                List.of(
                    cell.toString(),
                    window.isSteady() ? "yes" : "no",
                    PtsText.value(window.mean()),
                    PtsText.value(window.range()),
                    PtsText.value(window.mostRange()),
                    PtsText.value(window.slopeRange()),
                    PtsText.value(window.mostSlopeRange()),
                    PtsText.line(window))));
    return rows.isEmpty()
        ? ""
        : Page.table(
            List.of("tracked", "steady", "mean", "range", "allowed", "slope", "allowed", "line"),
            rows);
  }

  private static String matrix(PtsResult.Test test, PtsText.Matrix matrix) {
    List<String> columns = new ArrayList<>(List.of(matrix.title()));
    PtsText.mixes(test.test()).forEach(mix -> columns.add(new Cell(mix, 1024).mix()));
    List<List<String>> rows = new ArrayList<>();
    for (int size : PtsText.sizes(test.test())) {
      List<String> row = new ArrayList<>(List.of(new Cell(0, size).size()));
      PtsText.mixes(test.test())
          .forEach(mix -> row.add(PtsText.value(matrix.value().apply(new Cell(mix, size)))));
      rows.add(row);
    }
    return Page.table(columns, rows);
  }
}
