package sluice.bench.compare;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A comparison for programs. Changes are shares: -0.1 is a tenth less; null is not known. */
public final class ComparisonJson {
  private ComparisonJson() {}

  /**
   * The text, with a line feed at its end.
   *
   * @param failures what has failed by what the user asked for; they are marked
   */
  public static String of(Comparison comparison, List<Difference> failures) {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("a", comparison.before().files());
    root.put("b", comparison.after().files());
    root.put("tolerance", comparison.tolerance());
    root.put("confidence", 0.95);
    root.put("tests", comparison.tests());
    boolean several = comparison.isByReport();
    root.put(several ? "reports_needed" : "rounds_needed", comparison.needed());
    List<Map<String, Object>> figures = new ArrayList<>();
    for (Difference difference : comparison.differences()) {
      figures.add(figure(difference, failures.contains(difference)));
    }
    root.put("figures", figures);
    root.put("only_in_a", comparison.missing(comparison.before(), comparison.after()));
    root.put("only_in_b", comparison.missing(comparison.after(), comparison.before()));
    root.put("other_loads", comparison.otherLoads());
    try {
      return JSON.std
          .with(JSON.Feature.PRETTY_PRINT_OUTPUT, JSON.Feature.WRITE_NULL_PROPERTIES)
          .asString(root)
          .concat("\n");
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
  }

  private static Map<String, Object> figure(Difference difference, boolean failed) {
    Map<String, Object> figure = new LinkedHashMap<>();
    figure.put("row", difference.row());
    figure.put("figure", difference.figure().word());
    figure.put("key", difference.figure().key());
    figure.put("a", known(difference.before()));
    figure.put("b", known(difference.after()));
    figure.put("change", known(difference.change()));
    figure.put("least", known(difference.least()));
    figure.put("most", known(difference.most()));
    boolean isKnown = difference.verdict().isKnown();
    figure.put("verdict", isKnown ? difference.verdict().words() : "cannot tell");
    figure.put("why", difference.verdict().name().toLowerCase(Locale.ROOT));
    figure.put("failed", failed);
    return figure;
  }

  private static Double known(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
