package sluice.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import sluice.bench.compare.Comparison;
import sluice.bench.compare.Difference;
import sluice.bench.compare.Difference.Verdict;
import sluice.bench.result.RoundFigure;

/**
 * Counts what {@code bench --compare} says of runs on real drives, each a process of its own. For
 * people: it takes long, and what it says depends on the machine. Started in the folder {@code
 * cli}, when {@code ./sluice} is built.
 *
 * <pre>
 * VerdictTrial FOLDER COMPARISONS ROUNDS DRIVE-A DRIVE-B OPTION...
 * VerdictTrial /var/tmp/same 100 7 virtual:null?size=1G virtual:null?size=1G \
 *     --rw=randread --bs=4k --runtime=300ms --time_based
 * </pre>
 *
 * <p>In that a pair takes some 10 seconds on a quiet machine, and 100 take a quarter of an hour. It
 * can be done in parts: reports are kept in the folder, and pairs that are there are compared and
 * not measured again. So 25 comparisons, then 50 of the same folder, and so on, are the same as 100
 * at once, each part in a time that is quiet. A pair that was broken off is measured anew.
 *
 * <p>With one drive twice, what is called better or worse is false. With a slower second one, what
 * is not called worse was missed.
 */
final class VerdictTrial {
  private static final int OWN_ARGUMENTS = 5;
  private static final long MOST_MINUTES = 10;

  private final int rounds;
  private final String[] options;
  private final Path folder;

  private VerdictTrial(int rounds, String[] options, Path folder) {
    this.rounds = rounds;
    this.options = options;
    this.folder = folder;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length < OWN_ARGUMENTS) {
      throw new IllegalArgumentException(
          "give FOLDER COMPARISONS ROUNDS DRIVE-A DRIVE-B OPTION..., as the source says");
    }
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    int comparisons = Integer.parseInt(arguments[1]);
    VerdictTrial trial =
        new VerdictTrial(
            Integer.parseInt(arguments[2]),
            Arrays.copyOfRange(arguments, OWN_ARGUMENTS, arguments.length),
            folder);
    Map<Verdict, Integer> all = new EnumMap<>(Verdict.class);
    int called = 0;
    int worse = 0;
    for (int i = 1; i <= comparisons; i++) {
      Path a = folder.resolve("a" + i + ".json");
      Path b = folder.resolve("b" + i + ".json");
      boolean isThere = Files.exists(b);
      if (!isThere) {
        trial.run(a, arguments[3]);
        trial.run(b, arguments[4]);
      }
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
          "%d comparisons: %d with anything better or worse, %d with worse IOPS; figures: %s; %s%n",
          i,
          called,
          worse,
          all,
          isThere
              ? "measured before"
              : "load " + Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
    }
  }

  /** A report is there when it is whole. */
  private void run(Path report, String drive) throws IOException, InterruptedException {
    Path part = folder.resolve("part.json");
    List<String> command = new ArrayList<>();
    command.add(Launcher.ROOT.resolve("sluice").toString());
    command.addAll(List.of("bench", "--drive", drive, "--rounds", Integer.toString(rounds)));
    command.addAll(List.of("--output-format=json", "--output=" + part));
    command.addAll(List.of(options));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(MOST_MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IOException("takes more than " + MOST_MINUTES + " minutes: " + command);
    }
    if (process.exitValue() != 0) {
      throw new IOException("failed with " + process.exitValue() + ": " + command);
    }
    Files.move(part, report, StandardCopyOption.REPLACE_EXISTING);
  }
}
