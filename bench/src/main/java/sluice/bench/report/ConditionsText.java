package sluice.bench.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import sluice.bench.result.BenchResult;
import sluice.bench.result.DriveInfo;
import sluice.bench.result.WarmUp;

/** Under what a run was measured, in words. */
final class ConditionsText {
  private ConditionsText() {}

  /** Facts by names, the warm-up as the last; empty where nothing is told and nothing warmed up. */
  static Map<String, String> of(BenchResult result) {
    Map<String, String> facts = new LinkedHashMap<>(result.conditions().facts());
    if (!facts.isEmpty()) {
      put(facts, "iommu", result, DriveInfo::iommu);
      put(facts, "temperature", result, DriveInfo::temperature);
    }
    if (!facts.isEmpty() || result.conditions().warmUp().nanos() > 0) {
      facts.put("warm-up", of(result.conditions().warmUp()));
    }
    return facts;
  }

  /** Of each drive; nothing where none tells anything. */
  private static void put(
      Map<String, String> facts,
      String name,
      BenchResult result,
      Function<DriveInfo, String> fact) {
    List<String> all = result.drives().stream().map(fact).toList();
    if (all.stream().anyMatch(text -> !text.isEmpty())) {
      facts.put(
          name,
          all.stream().map(text -> text.isEmpty() ? "–" : text).collect(Collectors.joining("; ")));
    }
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
