package sluice.bench.pts;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import sluice.bench.result.DriveInfo;

/**
 * What tests measured.
 *
 * @param interrupted whether they were ended before their time
 */
public record PtsResult(DriveInfo drive, PtsPlan plan, List<Test> tests, boolean interrupted) {
  public PtsResult {
    tests = List.copyOf(tests);
  }

  /** Whether all tests were done to their ends, with a drive that was steady. */
  public boolean isSteady() {
    return !interrupted && tests.stream().allMatch(Test::isSteady);
  }

  /**
   * What a pattern did in a round.
   *
   * @param iops commands per second
   * @param bytesPerSecond of all
   * @param meanNanos latency from submission to completion
   * @param p99999Nanos the latency that a hundred thousandth of the commands exceed
   * @param maxNanos the greatest latency
   */
  public record Figures(
      double iops, double bytesPerSecond, double meanNanos, double p99999Nanos, double maxNanos) {
    /** In the test's unit. */
    double of(PtsTest.Figure figure) {
      return switch (figure) {
        case IOPS -> iops;
        case THROUGHPUT -> bytesPerSecond / 1e6;
        case LATENCY -> meanNanos / 1e6;
      };
    }
  }

  /**
   * One test.
   *
   * @param preconditionBytesPerSecond how fast the active range was written before; 0 if it was not
   * @param rounds figures of all patterns that the drive can have, round by round
   */
  public record Test(
      PtsTest test, double preconditionBytesPerSecond, List<Map<Cell, Figures>> rounds) {
    public Test {
      List<Map<Cell, Figures>> copies = new ArrayList<>();
      for (Map<Cell, Figures> round : rounds) {
        copies.add(new LinkedHashMap<>(round));
      }
      rounds = List.copyOf(copies);
    }

    /** A pattern's figure in the test's unit, round by round. */
    public List<Double> values(Cell cell) {
      List<Double> values = new ArrayList<>();
      for (Map<Cell, Figures> round : rounds) {
        values.add(round.get(cell).of(test.figure()));
      }
      return values;
    }

    /** The last five rounds of each pattern that is tracked; empty with fewer rounds. */
    public Map<Cell, SteadyWindow> windows() {
      Map<Cell, SteadyWindow> windows = new LinkedHashMap<>();
      if (rounds.size() >= SteadyWindow.ROUNDS) {
        test.tracked().forEach(cell -> windows.put(cell, SteadyWindow.last(values(cell))));
      }
      return windows;
    }

    /** Whether all patterns that are tracked stood still in the last five rounds. */
    public boolean isSteady() {
      return rounds.size() >= SteadyWindow.ROUNDS
          && windows().values().stream().allMatch(SteadyWindow::isSteady);
    }

    /** The mean of a figure over the last five rounds; empty if the drive cannot have the cell. */
    public OptionalDouble mean(Cell cell, ToDoubleFunction<Figures> figure) {
      return window(cell).stream().mapToDouble(figure).average();
    }

    /**
     * The greatest of a figure in the last five rounds; empty if the drive cannot have the cell.
     */
    public OptionalDouble most(Cell cell, ToDoubleFunction<Figures> figure) {
      return window(cell).stream().mapToDouble(figure).max();
    }

    private List<Figures> window(Cell cell) {
      int from = Math.max(0, rounds.size() - SteadyWindow.ROUNDS);
      return rounds.subList(from, rounds.size()).stream()
          .filter(round -> round.containsKey(cell))
          .map(round -> round.get(cell))
          .toList();
    }
  }
}
