package sluice.bench.compare;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import sluice.bench.result.RoundFigure;
import sluice.bench.result.Rounds.Series;

/**
 * One side of a comparison: a report with its rounds; or reports, each of which is one value, the
 * median of its rounds: so what differs from one start of the program to the next is in the spread
 * too.
 */
final class Side {
  /** What not all reports of the side have, none has. */
  private static final List<Double> NONE = List.of();

  private final List<ReportFile> files;

  private final boolean byReport;

  private Side(List<ReportFile> files, boolean byReport) {
    this.files = files;
    this.byReport = byReport;
  }

  /**
   * Reads the reports.
   *
   * @param byReport whether each is one value; if not, there is one, and its rounds are
   * @throws IllegalArgumentException when one cannot be read or is not a report, in one line
   */
  static Side read(List<Path> paths, boolean byReport) {
    return new Side(paths.stream().map(ReportFile::read).toList(), byReport);
  }

  String paths() {
    return files.stream().map(file -> file.path().toString()).collect(Collectors.joining(", "));
  }

  List<String> files() {
    return files.stream().map(file -> file.path().toString()).toList();
  }

  /** Whether values are of whole reports rather than of one report's rounds. */
  boolean isByReport() {
    return byReport;
  }

  /** Those of whose rounds some may be missing. */
  List<String> interrupted() {
    return files.stream()
        .filter(ReportFile::isInterrupted)
        .map(file -> file.path().toString())
        .toList();
  }

  /** Rows that any of the reports has, in their order. */
  Set<String> rows() {
    Set<String> rows = new LinkedHashSet<>();
    files.forEach(file -> rows.addAll(file.rows()));
    return rows;
  }

  /** Whether all reports have the row. */
  boolean has(String row) {
    return files.stream().allMatch(file -> file.has(row));
  }

  String job(String row) {
    return files.getFirst().job(row);
  }

  Map<String, String> options(String row) {
    return files.getFirst().options(row);
  }

  /** The values by which a figure of a row that is there is judged. */
  List<Double> values(String row, RoundFigure figure) {
    if (!byReport) {
      return files.getFirst().rounds(row, figure);
    }
    List<Double> values = new ArrayList<>();
    for (ReportFile file : files) {
      List<Double> rounds = file.rounds(row, figure);
      if (rounds.isEmpty()) {
        return NONE;
      }
      values.add(new Series(rounds).median());
    }
    return values;
  }

  /** Commands of a row that is there, in the round that has the fewest. */
  double fewestIos(String row) {
    return files.stream().mapToDouble(file -> file.fewestIos(row)).min().orElse(Double.NaN);
  }

  /**
   * By value, which share of its time the job of a row that is there had a processor: more than 0,
   * to 1. Empty where that is not known.
   */
  List<Double> hadProcessor(String row) {
    if (!byReport) {
      return files.getFirst().hadProcessor(row);
    }
    List<Double> shares = new ArrayList<>();
    for (ReportFile file : files) {
      List<Double> rounds = file.hadProcessor(row);
      if (rounds.isEmpty()) {
        return NONE;
      }
      shares.add(new Series(rounds).median());
    }
    return shares;
  }
}
