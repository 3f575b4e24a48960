package sluice.queues;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs the jcstress tests of {@code sluice.queues.stress} in a JVM of their own, and shows how
 * often each of them was run.
 */
@Tag("long")
class StressTest {
  /** Seconds of running in all; jcstress takes as long again to get to know the machine. */
  private static final int SECONDS = Integer.getInteger("sluice.stress.seconds", 10);

  private static final Pattern TEST = Pattern.compile("^\\.+ \\[(\\w+)] (\\S+)$");
  private static final Pattern ROW =
      Pattern.compile("^ *(\\S.*?) {2,}([0-9,]+) +<?[0-9.]+% +(\\w+)  .*$");
  private static final Pattern TOTALS =
      Pattern.compile(
          "Results: (\\d+) planned; (\\d+) passed, (\\d+) failed, (\\d+) soft errs, (\\d+) hard errs");

  @Test
  void whatMustNeverBeSeenIsNotSeen() throws Exception {
    List<String> output = run(testCount());
    String whole = String.join("\n", output);
    assertThat(output).contains("RUN RESULTS:");
    long tests = 0;
    long runsOfAll = 0;
    for (int i = output.indexOf("RUN RESULTS:"); i < output.size(); i++) {
      Matcher test = TEST.matcher(output.get(i));
      if (test.matches()) {
        long runs = countRuns(output, i + 1);
        System.out.printf("%-75s %,12d runs%n", test.group(2), runs);
        assertThat(test.group(1)).as(whole).isEqualTo("OK");
        assertThat(runs).as(test.group(2)).isPositive();
        tests++;
        runsOfAll += runs;
      }
    }
    System.out.printf("%d stress tests, %,d runs%n", tests, runsOfAll);
    assertThat(tests).as(whole).isEqualTo(testCount());
    String totals = "";
    Matcher matcher = TOTALS.matcher(whole);
    while (matcher.find()) {
      totals = matcher.group();
    }
    assertThat(totals)
        .isEqualTo(
            "Results: %d planned; %d passed, 0 failed, 0 soft errs, 0 hard errs", tests, tests);
  }

  /** The rows of one test's table, up to the empty line behind it. */
  private static long countRuns(List<String> output, int from) {
    long runs = 0;
    boolean inTable = false;
    for (String line : output.subList(from, output.size())) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        inTable = true;
        long samples = Long.parseLong(row.group(2).replace(",", ""));
        assertThat(samples == 0 || row.group(3).equals("Acceptable")).as(line).isTrue();
        runs += samples;
      } else if (inTable || TEST.matcher(line).matches()) {
        break;
      }
    }
    return runs;
  }

  /** How many tests the annotation processor has found. */
  private static int testCount() throws IOException {
    try (InputStream list = StressTest.class.getResourceAsStream("/META-INF/TestList")) {
      return (int) new String(list.readAllBytes(), StandardCharsets.UTF_8).lines().count();
    }
  }

  private static List<String> run(int tests) throws IOException, InterruptedException {
    Path directory = Files.createDirectories(Path.of("target", "jcstress"));
    File log = directory.resolve("log").toFile();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                absolute(System.getProperty("java.class.path")),
                "org.openjdk.jcstress.Main",
                // Each outcome's count, one fork of the compiled code per test.
                "-v",
                "-sc",
                "false",
                "-f",
                "1",
                "-fsm",
                "1",
                "-iters",
                "1",
                "-time",
                Integer.toString(Math.max(100, SECONDS * 1000 / tests)),
                "-c",
                "2",
                "-af",
                "NONE",
                "-jvmArgs",
                "--enable-native-access=ALL-UNNAMED -XX:+UseSerialGC",
                "-r",
                "report")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log)
            .start();
    try {
      boolean ended = process.waitFor(SECONDS + 300L, TimeUnit.SECONDS);
      List<String> output = Files.readAllLines(log.toPath());
      assertThat(ended).as("jcstress did not end: %s", output).isTrue();
      assertThat(process.exitValue()).as(String.join("\n", output)).isZero();
      return output;
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** The class path as seen from another directory. */
  private static String absolute(String classPath) {
    StringBuilder absolute = new StringBuilder();
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      absolute.append(Path.of(entry).toAbsolutePath()).append(File.pathSeparator);
    }
    return absolute.toString();
  }
}
