package sluice.bench.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.bench.report.JsonReport;
import sluice.bench.report.KeyTree;

/** The JSON of the real fio and of sluice, of the same job files. */
class FioConformanceTest {
  /** Amounts that do not depend on how fast the drive is. */
  private static final Pattern AMOUNT =
      Pattern.compile(".*/(io_bytes|io_kbytes|total_ios|short_ios|drop_ios|groupid|error)");

  /** Those of a mix, which differ by chance in each direction; their sum does not. */
  private static final Pattern OF_A_MIX = Pattern.compile("/jobs\\[\\d]/(read|write)/.*");

  private static final Pattern ALWAYS_THERE =
      Pattern.compile(".*/job options/(rw|bs|iodepth|numjobs)");

  private static final Map<String, Runs> DONE = new ConcurrentHashMap<>();

  @TempDir static Path folder;

  /** What both wrote of a job file. */
  private record Runs(String fio, String own) {}

  private static Runs runs(String name) {
    return DONE.computeIfAbsent(
        name,
        job -> {
          String fio = RealFio.json(folder, jobs(job));
          return new Runs(fio, JsonReport.of(OwnBench.run(jobs(job)), true));
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"sequential", "random", "mixed", "trim", "amounts", "options", "timed"})
  void keysTypesAndOrderAreTheSame(String name) throws IOException {
    List<String> expected = KeyTree.of(runs(name).fio());
    assertThat(withoutWhatIsAlwaysThere(KeyTree.of(runs(name).own()), expected))
        .containsExactlyElementsOf(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sequential", "random", "mixed", "trim", "amounts", "options", "timed"})
  void jobOptionsAreTheSame(String name) throws IOException {
    Map<String, String> fio = options(runs(name).fio());
    Map<String, String> own = options(runs(name).own());

    assertThat(own).containsAllEntriesOf(fio);
    own.keySet().removeAll(fio.keySet());
    assertThat(own.keySet()).allMatch(path -> ALWAYS_THERE.matcher(path).matches());
  }

  @ParameterizedTest
  @ValueSource(strings = {"sequential", "random", "trim", "amounts"})
  void fixedAmountsAreTheSame(String name) throws IOException {
    assertThat(amounts(runs(name).own())).isEqualTo(amounts(runs(name).fio()));
  }

  @Test
  void aMixHasTheSameSumInTheSameProportion() throws IOException {
    Map<String, Object> fio = amounts(runs("mixed").fio());
    Map<String, Object> own = amounts(runs("mixed").own());

    for (int job : List.of(0, 2)) {
      double expected = number(fio, job, "read") + number(fio, job, "write");
      assertThat(number(own, job, "read") + number(own, job, "write")).isEqualTo(expected);
    }
    assertThat(number(own, 0, "read") / (number(own, 0, "read") + number(own, 0, "write")))
        .isBetween(0.66, 0.74);
    fio.keySet().removeIf(path -> OF_A_MIX.matcher(path).matches());
    own.keySet().removeIf(path -> OF_A_MIX.matcher(path).matches());
    assertThat(own).isEqualTo(fio);
  }

  private static double number(Map<String, Object> amounts, int job, String direction) {
    Object number = amounts.get("/jobs[" + job + "]/" + direction + "/total_ios");
    return ((Number) number).doubleValue();
  }

  /** Without the options that are ours always and fio's only where they were given. */
  private static List<String> withoutWhatIsAlwaysThere(List<String> own, List<String> fio) {
    return own.stream()
        .filter(line ->
            fio.contains(line)
                || !ALWAYS_THERE.matcher(line.substring(0, line.lastIndexOf(' '))).matches())
        .toList();
  }

  private static Map<String, String> options(String json) throws IOException {
    Map<String, String> options = new TreeMap<>();
    KeyTree.leaves(JSON.std.mapFrom(json))
        .forEach((path, value) -> {
          if (path.contains(" options/")) {
            options.put(path, value.toString());
          }
        });
    return options;
  }

  private static Map<String, Object> amounts(String json) throws IOException {
    Map<String, Object> amounts = KeyTree.leaves(JSON.std.mapFrom(json));
    amounts.keySet().removeIf(path -> !AMOUNT.matcher(path).matches());
    return amounts;
  }

  private static Path jobs(String name) {
    URL file = Objects.requireNonNull(FioConformanceTest.class.getResource(name + ".fio"), name);
    return Path.of(URI.create(file.toString()));
  }
}
