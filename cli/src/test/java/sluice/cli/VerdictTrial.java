package sluice.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import sluice.bench.compare.Comparison;
import sluice.bench.compare.Difference;
import sluice.bench.compare.Difference.Verdict;
import sluice.bench.result.RoundFigure;

/**
 * Counts what {@code bench --compare} says of runs on real drives, each a process of its own. For
 * people: it takes long, and what it says depends on the machine.
 *
 * <pre>
 * VerdictTrial COMPARISONS ROUNDS DRIVE-A DRIVE-B OPTION...
 * VerdictTrial 100 7 virtual:null?size=1G virtual:null?size=1G --rw=randread --runtime=300ms
 * </pre>
 *
 * <p>With one drive twice, what is called better or worse is false. With a slower second one, what
 * is not called worse was missed.
 */
final class VerdictTrial {
  private final int rounds;
  private final String[] options;
  private final Path folder;

  private VerdictTrial(int rounds, String[] options, Path folder) {
    this.rounds = rounds;
    this.options = options;
    this.folder = folder;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    int comparisons = Integer.parseInt(arguments[0]);
    Path folder = Files.createTempDirectory("verdicts");
    VerdictTrial trial =
        new VerdictTrial(
            Integer.parseInt(arguments[1]),
            Arrays.copyOfRange(arguments, 4, arguments.length),
            folder);
    Map<Verdict, Integer> all = new EnumMap<>(Verdict.class);
    int called = 0;
    int worse = 0;
    for (int i = 1; i <= comparisons; i++) {
      Path a = trial.run("a" + i + ".json", arguments[2]);
      Path b = trial.run("b" + i + ".json", arguments[3]);
      List<Difference> differences =
          Comparison.of(List.of(a), List.of(b), Comparison.TOLERANCE).differences();
      differences.forEach(difference -> all.merge(difference.verdict(), 1, Integer::sum));
      called +=
          differences.stream()
                  .anyMatch(d -> d.verdict() == Verdict.BETTER || d.verdict() == Verdict.WORSE)
              ? 1
              : 0;
      worse +=
          differences.stream()
                  .anyMatch(d -> d.figure() == RoundFigure.IOPS && d.verdict() == Verdict.WORSE)
              ? 1
              : 0;
      System.out.printf(
          "%d comparisons: %d with anything better or worse, %d with worse IOPS; figures: %s; load"
              + " %s%n",
          i, called, worse, all, Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
    }
    System.out.println("reports are in " + folder);
  }

  private Path run(String name, String drive) throws IOException, InterruptedException {
    Path report = folder.resolve(name);
    List<String> command = new ArrayList<>();
    command.add(Launcher.ROOT.resolve("sluice").toString());
    command.addAll(List.of("bench", "--drive", drive, "--rounds", Integer.toString(rounds)));
    command.addAll(List.of("--output-format=json", "--output=" + report));
    command.addAll(List.of(options));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (process.waitFor() != 0) {
      throw new IOException("failed with " + process.exitValue() + ": " + command);
    }
    return report;
  }
}
