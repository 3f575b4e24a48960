package sluice.bench.report;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import sluice.bench.result.BenchResult;
import sluice.bench.result.WarmUp;

/** Under what a run was measured, in words. */
final class ConditionsText {
  private ConditionsText() {}

  /** Facts by names, the warm-up as the last; empty where nothing is told and nothing warmed up. */
  static Map<String, String> of(BenchResult result) {
    Map<String, String> facts = new LinkedHashMap<>(result.conditions().facts());
    if (!facts.isEmpty() || result.conditions().warmUp().nanos() > 0) {
      facts.put("warm-up", of(result.conditions().warmUp()));
    }
    return facts;
  }

  private static String of(WarmUp warmUp) {
    if (warmUp.nanos() == 0) {
      return "none: the compiler's work is in the first seconds";
    }
    return String.format(
        Locale.ROOT,
        "%.1f s on a drive that does nothing; the rate %s",
        warmUp.nanos() / 1e9,
        warmUp.isSteady() ? "stood still then" : "did not stand still");
  }
}
