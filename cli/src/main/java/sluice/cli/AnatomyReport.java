package sluice.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sluice.bench.anatomy.Dissection;
import sluice.bench.anatomy.Step;
import sluice.bench.anatomy.Summary;

/**
 * What {@code bench anatomy} prints.
 *
 * @param way {@code read} or {@code write}
 * @param bytes per command
 * @param results one for each drive
 * @param clockNanos what a look at the clock takes
 */
record AnatomyReport(String way, long bytes, List<Dissection.Result> results, double clockNanos) {

  /** For people: a line for each drive of each step. */
  void print(PrintStream out) {
    for (int i = 0; i < results.size(); i++) {
      out.println(label(i) + " = " + results.get(i).drive());
    }
    out.printf(
        "%d %ss of %d bytes each, one at a time, in nanoseconds%n",
        results.getFirst().steps().get(Step.TOTAL).count(), way, bytes);
    out.printf("a look at the clock takes %.1f, which is in each step%n", clockNanos);
    Output.Table table =
        new Output.Table(
            "step", "", ">min", ">p50", ">95%", ">p90", ">p99", ">p99.9", ">max", ">mean",
            ">95% +-");
    for (Step step : Step.values()) {
      for (int i = 0; i < results.size(); i++) {
        Summary summary = results.get(i).steps().get(step);
        if (summary != null) {
          table.row(cells(step, label(i), summary));
        }
      }
    }
    table.print(out);
  }

  /** Drives have letters, because their addresses are long. */
  private static String label(int drive) {
    return Character.toString('A' + drive);
  }

  private static String[] cells(Step step, String label, Summary summary) {
    return new String[] {
      (step.deviceTells() ? "  " : "") + step.title(),
      label,
      Long.toString(summary.min()),
      Long.toString(summary.p50()),
      summary.medianLow() + "-" + summary.medianHigh(),
      Long.toString(summary.p90()),
      Long.toString(summary.p99()),
      Long.toString(summary.p999()),
      Long.toString(summary.max()),
      "%.1f".formatted(summary.mean()),
      "%.1f".formatted(summary.meanMargin())
    };
  }

  /** For programs; all times in nanoseconds. */
  Map<String, Object> json() {
    List<Object> drives = new ArrayList<>();
    for (Dissection.Result result : results) {
      Map<String, Object> steps = new LinkedHashMap<>();
      result.steps().forEach((step, summary) -> steps.put(step.key(), json(summary)));
      Map<String, Object> drive = new LinkedHashMap<>();
      drive.put("drive", result.drive());
      drive.put("steps", steps);
      drives.add(drive);
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("rw", way);
    all.put("bytes", bytes);
    all.put("clockNanos", clockNanos);
    all.put("drives", drives);
    return all;
  }

  private static Map<String, Object> json(Summary summary) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("n", summary.count());
    values.put("minNanos", summary.min());
    values.put("p50Nanos", summary.p50());
    values.put("p50LowNanos", summary.medianLow());
    values.put("p50HighNanos", summary.medianHigh());
    values.put("p90Nanos", summary.p90());
    values.put("p99Nanos", summary.p99());
    values.put("p99.9Nanos", summary.p999());
    values.put("maxNanos", summary.max());
    values.put("meanNanos", summary.mean());
    values.put("meanMarginNanos", summary.meanMargin());
    return values;
  }
}
