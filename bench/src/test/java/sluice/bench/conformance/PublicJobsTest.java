package sluice.bench.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.bench.job.Dialect;
import sluice.bench.job.JobFile;
import sluice.bench.job.JobSet;
import sluice.bench.result.BenchResult;
import sluice.bench.result.JobResult;
import sluice.bench.run.Bench;
import sluice.bench.run.RunOptions;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;

/** What public job files ask for is done, a few I/Os of each, or refused for a reason. */
class PublicJobsTest {
  /** As large as the largest of them wants; memory that nobody touches is not there. */
  private static final String DRIVE = "virtual:memory?size=4T";

  private static final String FEW = "--number_ios=16";

  /** What runtimes are multiplied by; the next one is for a machine that has no time for these. */
  private static final List<Double> TIME_SCALES = List.of(1e-5, 1e-3, 0.1);

  private static NvmeController drive;

  @TempDir Path folder;

  @BeforeAll
  static void open() {
    drive = Drives.open(DRIVE);
  }

  @AfterAll
  static void close() {
    drive.close();
  }

  static List<PublicJobs> taken() {
    return PublicJobs.read("public-jobs.txt");
  }

  /** Each with the words of the refusal before it. */
  static List<PublicJobs> refused() {
    return PublicJobs.read("public-jobs-refused.txt");
  }

  @Test
  void thereAreMany() {
    assertThat(taken())
        .extracting(PublicJobs::source)
        .doesNotHaveDuplicates()
        .hasSizeGreaterThanOrEqualTo(120);
  }

  @ParameterizedTest
  @MethodSource("taken")
  void itIsTakenAndRuns(PublicJobs jobs) throws IOException {
    long ios = 0;
    for (int i = 0; ios == 0 && i < TIME_SCALES.size(); i++) {
      BenchResult result = run(jobs, TIME_SCALES.get(i));
      assertThat(result.isClean()).isTrue();
      ios = result.jobs().stream().mapToLong(JobResult::ios).sum();
    }
    assertThat(ios).isPositive();
  }

  @ParameterizedTest
  @MethodSource("refused")
  void itIsRefusedForAReason(PublicJobs jobs) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(jobs, TIME_SCALES.getFirst()))
        .withMessageContaining(jobs.reason());
  }

  private BenchResult run(PublicJobs jobs, double timeScale) throws IOException {
    JobSet set = JobFile.read(List.of(jobs.write(folder)), List.of(FEW), Dialect.OWN);
    RunOptions options = RunOptions.standard().withAllowWrite(true).withTimeScale(timeScale);
    return new Bench(set, drive, drive.namespace(1), options).run();
  }
}
