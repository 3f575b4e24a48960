package sluice.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sluice.bench.cliff.CliffResult;
import sluice.bench.cliff.CliffResult.Level;
import sluice.bench.result.Span;
import sluice.support.text.Units;

/**
 * What {@code bench cliff} prints.
 *
 * @param drive its address
 * @param chunk bytes of each command
 * @param depth how many were out at a time
 */
record CliffReport(String drive, long chunk, int depth, CliffResult result) {
  /** The result in sentences, the most important first. */
  List<String> answer() {
    List<String> lines = new ArrayList<>();
    if (result.hasCliff()) {
      lines.add(
          "The cliff is at %s: %s before it, %s sustained behind it (%.0f%%)."
              .formatted(
                  Units.formatSize(result.cliffBytes()),
                  Units.formatRate(result.fastBytesPerSecond()),
                  Units.formatRate(result.sustainedBytesPerSecond()),
                  100 * result.sustainedBytesPerSecond() / result.fastBytesPerSecond()));
      lines.add("%d bytes, to within %d.".formatted(result.cliffBytes(), result.errorBytes()));
    } else {
      lines.add(
          "No cliff in %s: %s sustained."
              .formatted(
                  Units.formatSize(result.bytes()),
                  Units.formatRate(result.sustainedBytesPerSecond())));
    }
    lines.add(pauses());
    if (result.stalls().count() > 0) {
      lines.add(
          "This machine did not look for %s in all, in %d times, the longest %s."
              .formatted(
                  Units.formatDuration(result.stalls().totalNanos()),
                  result.stalls().count(),
                  Units.formatDuration(result.stalls().longestNanos())));
    }
    if (result.interrupted()) {
      lines.add("It was interrupted: nothing is known of what lies beyond.");
    }
    return lines;
  }

  private String pauses() {
    String over = " over " + Units.formatDuration(result.pauses().thresholdNanos());
    return result.pauses().count() == 0
        ? "No pause" + over + "."
        : "%d pauses%s, the longest %s."
            .formatted(
                result.pauses().count(),
                over,
                Units.formatDuration(result.pauses().longestNanos()));
  }

  /** For people. */
  void print(PrintStream out) {
    out.printf(
        "%s: writes of %d bytes, one after the other, %d out at a time%n", drive, chunk, depth);
    Output.Table table = new Output.Table(">from", ">to", ">rate", ">took");
    for (Level level : result.levels()) {
      table.row(
          Units.formatSize(level.from()),
          Units.formatSize(level.to()),
          Units.formatRate(level.bytesPerSecond()),
          Units.formatDuration(level.nanos()));
    }
    table.print(out);
    answer().forEach(out::println);
  }

  /** For programs: rates in bytes per second, times in nanoseconds. */
  Map<String, Object> json() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("drive", drive);
    all.put("bs", chunk);
    all.put("iodepth", depth);
    all.put("interrupted", result.interrupted());
    all.put("bytes", result.bytes());
    all.put("cliff", result.hasCliff());
    all.put("cliffBytes", result.hasCliff() ? result.cliffBytes() : null);
    all.put("errorBytes", result.errorBytes());
    all.put("fastBytesPerSecond", result.fastBytesPerSecond());
    all.put("sustainedBytesPerSecond", result.sustainedBytesPerSecond());
    all.put("levels", result.levels().stream().map(CliffReport::json).toList());
    all.put("pauses", pausesJson());
    Map<String, Object> stalls = new LinkedHashMap<>();
    stalls.put("count", result.stalls().count());
    stalls.put("totalNanos", result.stalls().totalNanos());
    stalls.put("longestNanos", result.stalls().longestNanos());
    all.put("stalls", stalls);
    all.put("stepBytes", result.stepBytes());
    all.put("stepEndNanos", result.stepEnds());
    return all;
  }

  private Map<String, Object> pausesJson() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("count", result.pauses().count());
    values.put("totalNanos", result.pauses().totalNanos());
    values.put("longestNanos", result.pauses().longestNanos());
    values.put("longest", result.pauses().longest().stream().map(this::json).toList());
    return values;
  }

  private Map<String, Object> json(Span pause) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("startMillis", pause.startMillis());
    values.put("nanos", pause.nanos());
    values.put("atBytes", result.bytesAt(pause.startMillis() * 1_000_000));
    return values;
  }

  private static Map<String, Object> json(Level level) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("fromBytes", level.from());
    values.put("toBytes", level.to());
    values.put("nanos", level.nanos());
    values.put("bytesPerSecond", level.bytesPerSecond());
    return values;
  }
}
