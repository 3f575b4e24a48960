package sluice.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sluice.bench.pts.Cell;
import sluice.bench.pts.Deviations;
import sluice.bench.pts.PtsPlan;
import sluice.bench.pts.PtsResult;
import sluice.bench.pts.PtsResult.Figures;
import sluice.bench.pts.SteadyWindow;

/** The tests of the PTS for programs: all rounds of all patterns. */
final class PtsJson {
  private PtsJson() {}

  static Map<String, Object> of(String drive, PtsResult result) {
    PtsPlan plan = result.plan();
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("drive", drive);
    all.put("interrupted", result.interrupted());
    all.put("steady", result.isSteady());
    all.put("activeBytes", plan.bytes());
    all.put("purge", plan.purge().toString());
    all.put("preconditions", plan.preconditions());
    all.put("roundNanos", plan.roundNanos());
    all.put("mostRounds", plan.mostRounds());
    all.put("iodepth", plan.depth());
    all.put("threads", plan.threads());
    all.put("deviations", Deviations.of(result));
    all.put("tests", result.tests().stream().map(PtsJson::test).toList());
    return all;
  }

  private static Map<String, Object> test(PtsResult.Test test) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("test", test.test().toString());
    values.put("steady", test.isSteady());
    values.put("preconditionBytesPerSecond", test.preconditionBytesPerSecond());
    List<Object> windows = new ArrayList<>();
    test.windows().forEach((cell, window) -> windows.add(window(test, cell, window)));
    values.put("windows", windows);
    values.put("rounds", test.rounds().stream().map(PtsJson::round).toList());
    return values;
  }

  private static Map<String, Object> window(PtsResult.Test test, Cell cell, SteadyWindow window) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("pattern", cell.toString());
    values.put("unit", test.test().figure().unit());
    values.put("lastRound", window.lastRound());
    values.put("values", window.values());
    values.put("mean", window.mean());
    values.put("range", window.range());
    values.put("allowedRange", window.mostRange());
    values.put("slope", window.slope());
    values.put("intercept", window.intercept());
    values.put("slopeRange", window.slopeRange());
    values.put("allowedSlopeRange", window.mostSlopeRange());
    values.put("steady", window.isSteady());
    return values;
  }

  private static List<Object> round(Map<Cell, Figures> round) {
    List<Object> cells = new ArrayList<>();
    round.forEach((cell, figures) -> {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("readPercent", cell.readPercent());
      values.put("bytes", cell.bytes());
      values.put("iops", figures.iops());
      values.put("bytesPerSecond", figures.bytesPerSecond());
      values.put("meanNanos", figures.meanNanos());
      values.put("p99.999Nanos", figures.p99999Nanos());
      values.put("maxNanos", figures.maxNanos());
      cells.add(values);
    });
    return cells;
  }
}
