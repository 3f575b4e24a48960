package sluice.bench.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.bench.report.Difference.Verdict;

class ComparisonTest {
  @TempDir Path folder;

  @Test
  void aReportDoesNotDifferFromItself() throws IOException {
    Path file = write("a.json", JsonReport.of(SampleRun.result(), false, ZoneOffset.UTC));

    Comparison comparison = Comparison.of(file, file);

    assertThat(comparison.differences()).hasSize(4 * 6);
    assertThat(comparison.differences())
        .allMatch(difference -> difference.change() == 0)
        .noneMatch(d -> d.verdict() == Verdict.BETTER || d.verdict() == Verdict.WORSE);
  }

  @Test
  void whatIsBeyondThreeStandardErrorsIsToldFromNoise() throws IOException {
    Path a = write("a.json", report(1000, 50, 1000));
    Path less = write("less.json", report(960, 50, 1040));
    Path near = write("near.json", report(990, 50, 1010));

    assertThat(verdict(a, less, "iops")).isEqualTo(Verdict.WORSE);
    assertThat(verdict(less, a, "iops")).isEqualTo(Verdict.BETTER);
    assertThat(verdict(a, near, "iops")).isEqualTo(Verdict.NOISE);
    assertThat(verdict(a, less, "clat mean us")).isEqualTo(Verdict.WORSE);
    assertThat(verdict(a, less, "clat p50 us")).isEqualTo(Verdict.WORSE);
    assertThat(verdict(a, less, "clat p99.9 us")).isEqualTo(Verdict.UNKNOWN);
  }

  @Test
  void fiosOwnReportsAreComparedToo() throws IOException {
    String fio;
    try (var in = ComparisonTest.class.getResourceAsStream("layout.json")) {
      fio = new String(in.readAllBytes(), UTF_8);
    }
    Path file = write("fio.json", "fio: a note of fio before its JSON\n" + fio + "\nand after\n");

    assertThat(Comparison.of(file, file).toText())
        .contains("mixed read", "file read", "unified mixed", "steady write");
  }

  @Test
  void theTableSaysWhatOnlyOneReportHas() throws IOException {
    Path a = write("a.json", report(1000, 50, 1000));
    Path b =
        write(
            "b.json",
            report(1000, 50, 1000)
                .replace("\"write\": {\"total_ios\": 0", "\"write\": {\"total_ios\": 9"));

    assertThat(Comparison.of(a, b).toText()).contains("only in " + b + ": job write");
  }

  @Test
  void aGoldenTable() throws IOException {
    Path a = write("a.json", report(1000, 50, 1000));
    Path b = write("b.json", report(900, 50, 1100));

    assertThat(Comparison.of(a, b).toText().lines().skip(3).limit(7))
        .containsExactly(
            "job                                   a              b    change    noise  ",
            "job read  iops                    1,000            900    -10.0%     2.1%  worse",
            "          bw KiB/s                4,000          3,600    -10.0%     2.1%  worse",
            "          clat mean us             1.00           1.10    +10.0%     2.4%  worse",
            "          clat p50 us              1.00           1.10    +10.0%     2.4%  worse",
            "          clat p99 us              1.00           1.10    +10.0%     2.4%  worse",
            "          clat p99.9 us            1.00           1.10    +10.0%        ?  unknown");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no JSON here",
        "{",
        "{\"jobs\": }",
        "{\"jobs\": []}",
        "{\"jobs\": [1]}",
        "{\"a\": 1}",
        "[]",
        "{\"jobs\": [{\"jobname\": 7}]}",
        "{\"jobs\": [{\"jobname\": \"a\"}]}"
      })
  void badJsonGetsOneClearLine(String text) throws IOException {
    Path file = write("bad.json", text);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Comparison.of(file, file))
        .satisfies(e -> assertThat(e.getMessage()).contains("bad.json").doesNotContain("\n"));
  }

  @Test
  void whatIsWrongWithJsonIsTold() throws IOException {
    Path file = write("bad.json", "{\n  \"jobs\": [");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Comparison.of(file, file))
        .withMessage(
            file + " is not JSON: Unexpected end-of-input: expected close marker for Array");
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Comparison.of(folder.resolve("none.json"), folder.resolve("none.json")))
        .withMessage("there is no file " + folder.resolve("none.json"));
  }

  private static Verdict verdict(Path a, Path b, String figure) {
    return Comparison.of(a, b).differences().stream()
        .filter(difference -> difference.figure().equals(figure))
        .findFirst()
        .orElseThrow()
        .verdict();
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  /** A report with 100 samples of a rate, and 5,000 latencies. */
  private static String report(int iops, int deviation, int nanos) {
    return """
    {"jobs": [{"jobname": "job", "read": {"total_ios": 5000, "iops": %1$d, "bw": %4$d,
      "bw_mean": %4$d, "bw_dev": %5$d, "bw_samples": 100,
      "iops_mean": %1$d, "iops_stddev": %2$d, "iops_samples": 100,
      "clat_ns": {"mean": %3$d, "stddev": 10, "N": 5000,
        "percentile": {"50.000000": %3$d, "99.000000": %3$d, "99.900000": %3$d}}},
      "write": {"total_ios": 0}}]}
    """
        .formatted(iops, deviation, nanos, iops * 4, deviation * 4);
  }
}
