package sluice.bench.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.bench.report.HtmlReport;
import sluice.bench.report.HumanReport;
import sluice.bench.report.JsonReport;
import sluice.bench.report.LogFiles;
import sluice.bench.result.BenchResult;
import sluice.bench.result.JobResult;
import sluice.bench.result.LogSink;
import sluice.bench.run.RunOptions;

/** The job files that come with sluice, unchanged but for the times. */
class JobFilesTest {
  private static final Path JOBS = Path.of("jobs");
  private static final double TIME_SCALE = 1e-4;

  @TempDir Path folder;

  static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(JOBS)) {
      // Those for several drives have a test of their own.
      return files
          .filter(file -> file.toString().endsWith(".fio") && !file.toString().contains("drives"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void eachRunsAndIsReported(Path file) throws IOException {
    LogFiles logs = new LogFiles(folder, folder.resolve("run.hlog"));
    BenchResult result = run(file, logs);

    assertThat(result.isClean()).isTrue();
    assertThat(result.jobs().stream().mapToLong(JobResult::ios).sum()).isPositive();
    assertThat(result.warnings()).noneMatch(warning -> warning.contains("not known"));
    assertThat(HumanReport.of(result)).contains("Run status group 0 (all jobs):");
    assertThat(JsonReport.of(result, true)).contains("\"jobs\" :");
    assertThat(HtmlReport.of(result)).contains("<table>").doesNotContain("NaN", "Infinity");
    assertThat(logs.paths()).allMatch(Files::exists);
    logs.finish(result);
    logs.close();
  }

  @Test
  void theElevenAreAsToolsForFioWantThem() throws IOException {
    LogFiles logs = new LogFiles(folder, null);
    BenchResult result = run(JOBS.resolve("eleven.fio"), logs);
    List<JobResult> jobs = result.reportedJobs();

    assertThat(jobs).hasSize(11);
    assertThat(jobs)
        .extracting(JobResult::groupId)
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    assertThat(jobs)
        .allSatisfy(
            job -> assertThat(job.options()).containsKeys("rw", "bs", "iodepth", "numjobs"));
    assertThat(logs.paths())
        .extracting(path -> path.getFileName().toString())
        .hasSize(28)
        .contains(
            "randread-iodepth-8-numjobs-2_bw.3.log", "randread-iodepth-8-numjobs-2_iops.4.log")
        .allMatch(name ->
            name.matches("(rand)?(read|write|rw)-iodepth-\\d+-numjobs-\\d_(bw|iops)\\.\\d+\\.log"));
    logs.close();
  }

  @Test
  void sixteenJobsAreReportedAsOne() {
    BenchResult result = run(JOBS.resolve("sixteen.fio"), LogSink.NONE);

    assertThat(result.jobs()).hasSize(32);
    assertThat(result.reportedJobs())
        .extracting(JobResult::name)
        .containsExactly("randread", "randwrite");
    assertThat(result.reportedJobs()).extracting(JobResult::members).containsExactly(16, 16);
  }

  /** On a drive of which a whole pass is soon done; but sixteen jobs have files of their own. */
  private static BenchResult run(Path file, LogSink logs) {
    String size = file.endsWith("sixteen.fio") ? "32G" : "64M";
    return OwnBench.run(
        file,
        "virtual:null?size=" + size,
        RunOptions.standard().withTimeScale(TIME_SCALE).withLogs(logs));
  }
}
