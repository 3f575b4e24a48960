package sluice.bench.compare;

import java.util.List;
import java.util.Locale;
import sluice.bench.compare.Difference.Verdict;

/** A comparison as a table for people. */
public final class ComparisonText {
  /** Columns after the job: figure, a, b, change, between, verdict. */
  private static final int[] WIDTHS = {15, 12, 12, 7, 19, 0};

  private static final boolean[] IS_NUMBER = {false, true, true, true, false, false};

  private final StringBuilder out = new StringBuilder();
  private final Comparison comparison;

  private ComparisonText(Comparison comparison) {
    this.comparison = comparison;
  }

  /** The table, and below it how it was judged; with a line feed at its end. */
  public static String of(Comparison comparison) {
    ComparisonText text = new ComparisonText(comparison);
    text.write();
    return text.out.toString();
  }

  private void write() {
    out.append("a: ").append(String.join(", ", comparison.filesBefore()));
    out.append("\nb: ").append(String.join(", ", comparison.filesAfter())).append("\n\n");
    List<Difference> differences = comparison.differences();
    int width = Math.max(3, differences.stream().mapToInt(d -> d.row().length()).max().orElse(0));
    line(width, "job", "", "a", "b", "change", "between", "");
    String last = "";
    for (Difference difference : differences) {
      double scale = difference.figure().scale();
      line(
          width,
          difference.row().equals(last) ? "" : difference.row(),
          difference.figure().label(),
          grouped(difference.before() * scale),
          grouped(difference.after() * scale),
          percent(difference.change()),
          between(difference),
          words(comparison, difference.verdict()));
      last = difference.row();
    }
    out.append('\n');
    comparison.notes().forEach(note -> out.append(note).append('\n'));
    out.append(how(comparison));
  }

  /** A row of cells. */
  private void line(int width, String job, String... cells) {
    StringBuilder line = new StringBuilder(job + " ".repeat(width - job.length()));
    for (int i = 0; i < cells.length; i++) {
      String space = " ".repeat(Math.max(0, WIDTHS[i] - cells[i].length()));
      line.append(IS_NUMBER[i] ? "  " + space + cells[i] : "  " + cells[i] + space);
    }
    out.append(line.toString().stripTrailing()).append('\n');
  }

  private static String between(Difference difference) {
    return Double.isNaN(difference.least()) || Double.isNaN(difference.most())
        ? ""
        : percent(difference.least()) + " .. " + percent(difference.most());
  }

  /** How it was judged, a line each. */
  public static String how(Comparison comparison) {
    boolean several = comparison.isByReport();
    StringBuilder out = new StringBuilder();
    out.append(
        String.format(
            Locale.ROOT,
            "same: a change of less than %s. Judged by the spread of the %s: with 95%% all changes"
                + " lie in their intervals.\n",
            percent(comparison.tolerance()).substring(1),
            several ? "reports" : "rounds"));
    boolean few =
        comparison.differences().stream()
            .map(Difference::verdict)
            .anyMatch(verdict -> verdict == Verdict.ONE_ROUND || verdict == Verdict.TOO_FEW_ROUNDS);
    if (few) {
      out.append(
          several
              ? "For %d figures, %d reports are needed on each side.\n"
                  .formatted(comparison.tests(), comparison.needed())
              : "For %d figures, %d rounds are needed on each side: --rounds %d.\n"
                  .formatted(comparison.tests(), comparison.needed(), comparison.needed()));
    }
    return out.toString();
  }

  /** What a difference means, in words. */
  public static String words(Comparison comparison, Verdict verdict) {
    return comparison.isByReport() ? verdict.words().replace("round", "report") : verdict.words();
  }

  /** A figure for people. */
  public static String grouped(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%,.2f" : "%,.0f", value);
  }

  /** A change for people: {@code -4.1%}. */
  public static String percent(double share) {
    return Double.isFinite(share) ? String.format(Locale.ROOT, "%+.1f%%", share * 100) : "?";
  }
}
