package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.job.JobSet;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.JobResult;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;

/** Jobs on the virtual drive, to their ends. */
@Timeout(60)
class BenchTest {
  private static BenchResult run(String drive, RunOptions options, String... arguments) {
    JobSet set = CommandLineJobs.read(List.of(arguments));
    try (NvmeController controller = Drives.open(drive)) {
      return new Bench(set, controller, controller.namespaces().getFirst(), options).run();
    }
  }

  private static JobResult job(String... arguments) {
    BenchResult result =
        run(
            "virtual:memory?size=64M&thread=shared",
            RunOptions.standard().withAllowWrite(true),
            arguments);
    assertThat(result.jobs()).hasSize(1);
    return result.jobs().getFirst();
  }

  @Test
  void aJobOfAFixedSizeMovesExactlyThat() {
    JobResult job = job("--rw=read", "--bs=4k", "--size=1m", "--iodepth=8");
    DirectionResult read = job.direction(Direction.READ);
    assertThat(job.errorText()).isEmpty();
    assertThat(read.ios()).isEqualTo(256);
    assertThat(read.bytes()).isEqualTo(1 << 20);
    assertThat(read.completion().exact().count()).isEqualTo(256);
    assertThat(read.total().exact().mean())
        .isCloseTo(
            read.submission().exact().mean() + read.completion().exact().mean(), offset(0.01));
    assertThat(job.direction(Direction.WRITE).ios()).isZero();
    assertThat(read.runtimeMillis()).isPositive();
  }

  @Test
  void aMixedJobMovesItInBothWays() {
    JobResult job = job("--rw=randrw", "--bs=4k", "--size=4m", "--iodepth=4", "--rwmixread=70");
    long reads = job.direction(Direction.READ).ios();
    long writes = job.direction(Direction.WRITE).ios();
    assertThat(reads + writes).isEqualTo(1024);
    assertThat(reads).isBetween(650L, 790L);
  }

  @Test
  void trimsBeforeWrites() {
    JobResult job = job("--rw=trimwrite", "--bs=4k", "--size=1m");
    assertThat(job.direction(Direction.TRIM).ios()).isEqualTo(256);
    assertThat(job.direction(Direction.WRITE).ios()).isEqualTo(256);
  }

  @Test
  void whatIsWrittenIsVerified() {
    JobResult job = job("--rw=randwrite", "--bs=4k", "--size=2m", "--iodepth=4", "--verify=crc32c");
    assertThat(job.errorText()).isEmpty();
    assertThat(job.verify().blocks()).isEqualTo(512);
    assertThat(job.verify().failures()).isZero();
    assertThat(job.direction(Direction.READ).ios()).isEqualTo(512);
  }

  @Test
  void jobsThatWriteNeedTheWord() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> run("virtual:null?size=1G", RunOptions.standard(), "--rw=write", "--size=1m"))
        .withMessage(
            "command line: job fio overwrites what the drive holds; give --allow-write if that may"
                + " be lost");
  }

  @Test
  void timeEndsAJob() {
    JobResult job =
        job("--rw=randread", "--bs=4k", "--iodepth=32", "--runtime=300ms", "--time_based");
    assertThat(job.direction(Direction.READ).runtimeMillis()).isBetween(300L, 5_000L);
    assertThat(job.direction(Direction.READ).ios()).isGreaterThan(1000);
  }
}
