package sluice.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import sluice.bench.result.BenchResult;
import sluice.bench.result.JobNames;
import sluice.bench.result.RoundFigure;
import sluice.bench.result.Rounds;
import sluice.bench.result.Rounds.JobRounds;
import sluice.bench.result.Rounds.Series;
import sluice.bench.result.Rounds.Way;

/** What all rounds of a run measured, for people: median, extremes and spread of each figure. */
final class RoundsText {
  /** Waiting for a processor for less than this share is not told. */
  private static final double TOLD_WAIT = 0.01;

  private RoundsText() {}

  /**
   * A line of the table.
   *
   * @param job and its direction, as {@code randread read}; the second job of a name is {@code
   *     NAME#2}
   * @param figure its name and unit
   * @param scale what values are multiplied by for that unit
   */
  record Line(String job, String figure, double scale, Series series) {
    String median() {
      return grouped(series.median() * scale);
    }

    String min() {
      return grouped(series.min() * scale);
    }

    String max() {
      return grouped(series.max() * scale);
    }

    String spread() {
      double spread = series.spread();
      return Double.isFinite(spread) ? String.format(Locale.ROOT, "%.1f%%", spread * 100) : "–";
    }
  }

  /** All lines, job by job. */
  static List<Line> lines(Rounds rounds) {
    List<Line> lines = new ArrayList<>();
    JobNames names = new JobNames();
    for (JobRounds job : rounds.jobs()) {
      String name = names.unique(job.name());
      for (Map.Entry<String, Way> way : job.ways().entrySet()) {
        String row = name + " " + way.getKey();
        for (Map.Entry<RoundFigure, Series> figure : way.getValue().figures().entrySet()) {
          RoundFigure kind = figure.getKey();
          lines.add(new Line(row, kind.label(), kind.scale(), figure.getValue()));
        }
      }
      if (job.longestPauseNanos().max() > 0) {
        lines.add(new Line(name, "longest pause ms", 1e-6, job.longestPauseNanos()));
      }
      if (!job.bufferBytes().isEmpty()) {
        lines.add(new Line(name, "buffer KiB", 1 / 1024.0, job.bufferBytes()));
      }
      if (job.waitShare().max() >= TOLD_WAIT) {
        lines.add(new Line(name, "waited for CPU %", 100, job.waitShare()));
      }
    }
    return lines;
  }

  /** What the figures are of, in sentences; nothing where one round was asked for. */
  static String heading(Rounds rounds) {
    if (!rounds.isWanted()) {
      return "";
    }
    String count =
        rounds.whole() == rounds.wanted()
            ? "Rounds: %d".formatted(rounds.wanted())
            : "Rounds: %d of %d".formatted(rounds.whole(), rounds.wanted());
    return rounds.shown() > 0
        ? "%s; all other figures are of round %d, which is near the medians."
            .formatted(count, rounds.shown())
        : "%s; all other figures are of round %d, which is not whole."
            .formatted(count, rounds.whole() + 1);
  }

  /** The table with its heading, begun by an empty line; nothing where one round was asked for. */
  static String of(Rounds rounds) {
    if (!rounds.isWanted()) {
      return "";
    }
    StringBuilder out = new StringBuilder("\n" + heading(rounds) + "\n");
    List<Line> lines = lines(rounds);
    int width = Math.max(3, lines.stream().mapToInt(line -> line.job().length()).max().orElse(0));
    String pattern = "%-" + width + "s  %-16s %14s %14s %14s %8s%n";
    if (!lines.isEmpty()) {
      out.append(pattern.formatted("job", "", "median", "min", "max", "spread"));
    }
    String last = "";
    for (Line line : lines) {
      String job = line.job().equals(last) ? "" : line.job();
      last = line.job();
      out.append(
          pattern.formatted(
              job, line.figure(), line.median(), line.min(), line.max(), line.spread()));
    }
    return out.toString();
  }

  /** What an interrupted run's figures are of. */
  static String interruption(BenchResult result) {
    Rounds rounds = result.rounds();
    return rounds.shown() > 0
        ? "Interrupted after %d of %d rounds: the figures are of those that were whole."
            .formatted(rounds.whole(), rounds.wanted())
        : "Interrupted: the figures are of what was done until then.";
  }

  static String grouped(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%,.2f" : "%,.0f", value);
  }
}
