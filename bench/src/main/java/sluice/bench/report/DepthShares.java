package sluice.bench.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sluice.bench.result.DepthCounts;

/** Distributions of queue depths and of batches, in percent by the names of fio's classes. */
final class DepthShares {
  private static final List<String> LEVELS = List.of("1", "2", "4", "8", "16", "32", ">=64");
  private static final List<String> BATCHES = List.of("0", "4", "8", "16", "32", "64", ">=64");
  private static final double LEAST = 0.1;

  private DepthShares() {}

  /** Of depths: each class is named by its lower limit. */
  static Map<String, Double> levels(DepthCounts counts) {
    return shares(LEVELS, counts);
  }

  /** Of batches: each class is named by its upper limit. */
  static Map<String, Double> batches(DepthCounts counts) {
    return shares(BATCHES, counts);
  }

  /** What is there at all shows as a tenth of a percent at least. */
  private static Map<String, Double> shares(List<String> names, DepthCounts counts) {
    Map<String, Double> shares = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      double percent = counts.percent(i);
      shares.put(names.get(i), percent > 0 ? Math.max(percent, LEAST) : 0);
    }
    return shares;
  }
}
