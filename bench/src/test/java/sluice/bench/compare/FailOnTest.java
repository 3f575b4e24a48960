package sluice.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FailOnTest {
  private static final List<Double> STEADY = List.of(1000.0, 1001.0, 999.0, 1002.0, 998.0, 1000.5);

  @TempDir Path folder;

  private Path write(String name, double rate, double latency) throws IOException {
    String job =
        Reports.rounds(
            "job",
            STEADY.stream().map(value -> value * rate).toList(),
            STEADY.stream().map(value -> value * latency).toList());
    return Files.writeString(folder.resolve(name), Reports.root(job));
  }

  private static Comparison compare(Path a, Path b) {
    return Comparison.of(List.of(a), List.of(b), Comparison.TOLERANCE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bw | 2",
        "iops:5% | 1",
        "iops:15 | 1",
        "iops:25% | 0",
        "iops:15%, p99:1% | 1",
        "mean | 0",
        "any | 2",
        "any:19.5% | 2",
        "any:21% | 0"
      })
  void onlyALossOfThatSizeFails(String limits, int expected) throws IOException {
    Comparison comparison = compare(write("a.json", 1, 1), write("b.json", 0.8, 0.7));
    int failures = FailOn.parse(limits).failures(comparison).size();
    assertThat(failures).isEqualTo(limits.startsWith("bw") ? 1 : expected);
  }

  @Test
  void whatIsNotKnownToBeWorseDoesNotFail() throws IOException {
    Path a = Files.writeString(folder.resolve("a.json"), Reports.once(1000, 1000));
    Path b = Files.writeString(folder.resolve("b.json"), Reports.once(100, 9000));
    Comparison comparison = compare(a, b);
    assertThat(FailOn.parse("any").failures(comparison)).isEmpty();
    assertThat(FailOn.parse("any").unknown(comparison)).isEqualTo(6);
    assertThat(FailOn.parse("bw").unknown(comparison)).isEqualTo(1);
  }

  @Test
  void whatFailedIsToldInALine() throws IOException {
    Comparison comparison = compare(write("a.json", 1, 1), write("b.json", 0.8, 1));
    assertThat(FailOn.told(FailOn.parse("any").failures(comparison)))
        .isEqualTo("job read: iops is worse by 20.0% (and 1 more)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", ",", "bw:", "speed", "bw:5%%", "bw:-5%", "bw:five", "bw:5%,", "bw;5%", "bw:NaN", ":5%"
      })
  void whatIsNoLimitIsRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FailOn.parse(text))
        .satisfies(e -> assertThat(e.getMessage()).contains("'" + text + "'"));
  }

  @Test
  void aJobOrAFigureThatIsNotThereIsAnError() throws IOException {
    Path one = write("a.json", 1, 1);
    String job = Reports.rounds("job", STEADY, STEADY);
    String other = Reports.rounds("other", STEADY, STEADY);
    Path two = Files.writeString(folder.resolve("b.json"), Reports.root(job, other));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FailOn.parse("bw").failures(compare(two, one)))
        .withMessage("other read is in " + two + " only: nothing can be said of it");
    assertThat(FailOn.parse("bw").failures(compare(one, two))).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FailOn.parse("intended-p99").failures(compare(one, one)))
        .withMessage("no job has intended-p99 on both sides");
  }
}
