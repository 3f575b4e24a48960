package sluice.bench.report;

import java.util.ArrayList;
import java.util.Formatter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import sluice.bench.pts.Cell;
import sluice.bench.pts.Deviations;
import sluice.bench.pts.PtsPlan;
import sluice.bench.pts.PtsResult;
import sluice.bench.pts.PtsResult.Figures;
import sluice.bench.pts.PtsTest;
import sluice.bench.pts.SteadyWindow;
import sluice.support.text.Units;

/** The report of the tests of the PTS for people: what was set, the steady state, the tables. */
public final class PtsText {
  /**
   * A table by size and mix.
   *
   * @param title with the unit
   * @param value of a cell; empty if the drive cannot have it
   */
  record Matrix(String title, Function<Cell, OptionalDouble> value) {}

  private final Formatter text = new Formatter(Locale.ROOT);

  private PtsText() {}

  /** The whole report. */
  public static String of(PtsResult result) {
    PtsText report = new PtsText();
    report.write(result);
    return report.text.toString();
  }

  private void write(PtsResult result) {
    if (result.drive() != null) {
      text.format(
          "%s: %s, firmware %s, serial %s, %s in blocks of %d%n",
          result.drive().address(),
          result.drive().model(),
          result.drive().firmware(),
          result.drive().serial(),
          Units.formatSize(result.drive().capacityBytes()),
          result.drive().blockBytes());
    }
    setting(result).forEach(line -> text.format("%s%n", line));
    for (PtsResult.Test test : result.tests()) {
      text.format("%n%s%n", test.test().title());
      text.format("  %s%n", answer(test));
      test.windows().forEach((cell, window) -> window(test.test(), cell, window));
      for (Matrix matrix : matrices(test)) {
        matrix(test.test(), matrix);
      }
    }
    if (result.interrupted()) {
      text.format("%nIt was interrupted: only whole rounds are here.%n");
    }
  }

  /** What was set, and what of it is not as the specification has it. */
  static List<String> setting(PtsResult result) {
    PtsPlan plan = result.plan();
    List<String> lines = new ArrayList<>();
    lines.add(
        "active range %s, purge %s, written %d times before each test, %s a pattern, random data"
            .formatted(
                Units.formatSize(plan.bytes()),
                plan.purge(),
                plan.preconditions(),
                Units.formatDuration(plan.roundNanos())));
    lines.add(
        "%d threads with %d commands out each; in the test of latency one with one"
            .formatted(plan.threads(), plan.depth()));
    lines.add("other than by SNIA's PTS: " + String.join("; ", Deviations.of(result)));
    return lines;
  }

  /** Whether it is steady, and after how many rounds. */
  static String answer(PtsResult.Test test) {
    int rounds = test.rounds().size();
    String steady =
        test.isSteady()
            ? "steady in rounds %d to %d".formatted(rounds - SteadyWindow.ROUNDS + 1, rounds)
            : "not steady after %d rounds: the figures are of no steady state".formatted(rounds);
    return test.preconditionBytesPerSecond() == 0
        ? steady
        : steady + ", preconditioned with " + Units.formatRate(test.preconditionBytesPerSecond());
  }

  private void window(PtsTest test, Cell cell, SteadyWindow window) {
    text.format("  tracked: %s in %s%n", cell, test.figure().unit());
    text.format("    rounds    ");
    for (int i = 0; i < SteadyWindow.ROUNDS; i++) {
      text.format(
          " %d: %s",
          window.lastRound() - SteadyWindow.ROUNDS + 1 + i, value(window.values().get(i)));
    }
    text.format(
        "%n    mean       %s%n    range      %s, allowed %s%n    slope      %s, allowed %s; line %s%n",
        value(window.mean()),
        value(window.range()),
        value(window.mostRange()),
        value(window.slopeRange()),
        value(window.mostSlopeRange()),
        line(window));
  }

  /** The line of best fit as an equation. */
  static String line(SteadyWindow window) {
    return "%s x round + %s".formatted(value(window.slope()), value(window.intercept()));
  }

  /** The tables that the specification asks for. */
  static List<Matrix> matrices(PtsResult.Test test) {
    return switch (test.test().figure()) {
      case IOPS -> List.of(new Matrix("IOPS", cell -> test.mean(cell, Figures::iops)));
      case THROUGHPUT ->
          List.of(new Matrix("MB/s", cell -> test.mean(cell, each -> each.bytesPerSecond() / 1e6)));
      case LATENCY ->
          List.of(
              new Matrix(
                  "mean latency, ms", cell -> test.mean(cell, each -> each.meanNanos() / 1e6)),
              new Matrix("99.999%, ms", cell -> test.most(cell, each -> each.p99999Nanos() / 1e6)),
              new Matrix("greatest, ms", cell -> test.most(cell, each -> each.maxNanos() / 1e6)));
    };
  }

  /** The mixes of a test, in its order. */
  static Set<Integer> mixes(PtsTest test) {
    Set<Integer> mixes = new LinkedHashSet<>();
    test.cells().forEach(cell -> mixes.add(cell.readPercent()));
    return mixes;
  }

  /** The sizes of a test, in its order. */
  static Set<Integer> sizes(PtsTest test) {
    Set<Integer> sizes = new LinkedHashSet<>();
    test.cells().forEach(cell -> sizes.add(cell.bytes()));
    return sizes;
  }

  private void matrix(PtsTest test, Matrix matrix) {
    text.format("  %-18s", matrix.title());
    mixes(test).forEach(mix -> text.format("%12s", new Cell(mix, 1024).mix()));
    text.format("%n");
    for (int size : sizes(test)) {
      text.format("    %-16s", new Cell(0, size).size());
      mixes(test)
          .forEach(mix -> text.format("%12s", value(matrix.value.apply(new Cell(mix, size)))));
      text.format("%n");
    }
  }

  static String value(OptionalDouble value) {
    return value.isPresent() ? value(value.getAsDouble()) : "-";
  }

  /** Four digits or so. */
  static String value(double value) {
    double size = Math.abs(value);
    int decimals = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
    return FioFigures.fixed(value, decimals);
  }
}
