package sluice.bench.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import sluice.bench.result.BenchResult;
import sluice.bench.result.JobResult;

/** The run that was made by hand, in full: with pauses, intended latencies and a failed check. */
class SampleReportsTest {
  @Test
  void theTextIsAsItWas() throws IOException {
    assertThat(HumanReport.of(SampleRun.result(), ZoneOffset.UTC))
        .isEqualTo(resource("sample.txt"));
  }

  @Test
  void theJsonIsAsItWas() throws IOException {
    assertThat(JsonReport.of(SampleRun.result(), false, ZoneOffset.UTC))
        .isEqualTo(resource("sample.json"));
  }

  @Test
  void aJobThatFailedSaysWhy() {
    JobResult job = JobResult.builder("gone", 3).processId(1).error(5, "the drive is gone").build();
    BenchResult sample = SampleRun.result();
    BenchResult run =
        new BenchResult(
            "1", Instant.EPOCH, Instant.EPOCH, Map.of(), List.of(), sample.drive(), List.of(job));

    assertThat(HumanReport.of(run, ZoneOffset.UTC))
        .startsWith(
            "\ngone: (groupid=3, jobs=1): err= 5 (the drive is gone): pid=1: Thu Jan  1 00:00:00 1970\n"
                + "  cpu          : usr=0.00%");
    assertThat(JsonReport.of(run, false, ZoneOffset.UTC))
        .contains("\"error\" : 5", "\"error_text\" : \"the drive is gone\"");
    assertThat(run.isClean()).isFalse();
  }

  private static String resource(String name) throws IOException {
    try (var in = SampleReportsTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }
}
