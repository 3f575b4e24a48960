package sluice.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;
import sluice.bench.compare.Comparison;
import sluice.bench.compare.ComparisonJson;
import sluice.bench.compare.ComparisonText;
import sluice.bench.compare.Difference;
import sluice.bench.compare.FailOn;
import sluice.bench.report.ComparisonPage;

/** The options by which {@code sluice bench} compares reports rather than measures. */
final class BenchComparison {
  @Option(
      names = "--compare",
      arity = "2",
      paramLabel = "JSON",
      description = {
        "Show what differs between two reports in JSON, and whether by more",
        "than chance. Several reports a side, with commas, are a value each."
      })
  private List<String> sides;

  @Option(
      names = "--tolerance",
      paramLabel = "PERCENT",
      description =
          "With --compare: up to which change a figure is called the same (default: 5%%).")
  private String tolerance;

  @Option(
      names = "--fail-on",
      paramLabel = "LIST",
      description = {
        "With --compare: exit with 4 if a figure is worse by so much or more,",
        "as bw:5%%,p99:10%%; or by anything beyond the tolerance, as bw.",
        "Figures: iops, bw, mean, p50, p99, p99.9, intended-p99, any."
      })
  private String failOn;

  /** Whether reports are to be compared, and nothing measured. */
  boolean isWanted() {
    return sides != null;
  }

  /**
   * Looks whether the options go together.
   *
   * @param others what the command line has for measuring
   * @throws IllegalArgumentException if not, in one line
   */
  void check(List<?>... others) {
    if (!isWanted() && (failOn != null || tolerance != null)) {
      throw new IllegalArgumentException(
          (failOn != null ? "--fail-on" : "--tolerance") + " needs --compare and two reports");
    }
    if (isWanted()) {
      if (sides.size() != 2) {
        throw new IllegalArgumentException("--compare can be given once");
      }
      Stream.of(others)
          .filter(list -> !list.isEmpty())
          .findFirst()
          .ifPresent(list -> {
            throw new IllegalArgumentException(
                "--compare measures nothing, and takes no " + list.getFirst());
          });
    }
  }

  /**
   * Compares and prints.
   *
   * @return the exit status
   * @throws IllegalArgumentException if a file is not a report, in one line
   */
  int run(BenchOutput output) {
    FailOn limits = failOn == null ? null : FailOn.parse(failOn);
    double same =
        tolerance == null
            ? Comparison.TOLERANCE
            : FailOn.share(tolerance, "--tolerance=" + tolerance);
    Comparison comparison = Comparison.of(paths(sides.getFirst()), paths(sides.getLast()), same);
    List<Difference> failures = limits == null ? List.of() : limits.failures(comparison);
    output.writeComparison(
        () -> ComparisonText.of(comparison),
        () -> ComparisonJson.of(comparison, failures),
        () -> ComparisonPage.of(comparison, failures));
    if (!failures.isEmpty()) {
      System.err.println(Terminal.red("sluice bench: ") + FailOn.told(failures));
      return ExitStatus.WORSE;
    }
    if (limits != null && limits.unknown(comparison) > 0) {
      System.err.printf(
          "%s%d figures of --fail-on cannot be told: see the table%n",
          Terminal.yellow("note: "), limits.unknown(comparison));
    }
    return ExitStatus.OK;
  }

  /** A file whose name has commas is taken for what it is. */
  private static List<Path> paths(String side) {
    if (Files.isRegularFile(Path.of(side))) {
      return List.of(Path.of(side));
    }
    List<String> names = List.of(side.split(",", -1));
    if (names.contains("")) {
      throw new IllegalArgumentException("'" + side + "' lacks the name of a report");
    }
    return names.stream().map(Path::of).toList();
  }
}
