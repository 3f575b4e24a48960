package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static sluice.bench.run.Runs.MEMORY;
import static sluice.bench.run.Runs.job;
import static sluice.bench.run.Runs.onDrive;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.bench.result.Direction;
import sluice.bench.result.JobResult;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;

/** What is written, verified in the same run or a later one. */
@Timeout(60)
class BenchVerifyTest {
  @Test
  void whatIsWrittenIsVerified() {
    JobResult job = job("--rw=randwrite", "--bs=4k", "--size=2m", "--iodepth=4", "--verify=crc32c");
    assertThat(job.errorText()).isEmpty();
    assertThat(job.verify().blocks()).isEqualTo(512);
    assertThat(job.verify().failures()).isZero();
    assertThat(job.direction(Direction.READ).ios()).isEqualTo(512);
  }

  @Test
  void whatAnEarlierRunWroteIsVerifiedLater() {
    String[] write = {
      "--rw=randwrite", "--bs=4k", "--size=4m", "--verify=crc32c", "--do_verify=0", "--iodepth=8"
    };
    try (NvmeController controller = Drives.open(MEMORY)) {
      assertThat(onDrive(controller, write).direction(Direction.READ).ios()).isZero();

      JobResult again =
          onDrive(
              controller,
              "--rw=randwrite",
              "--bs=4k",
              "--size=4m",
              "--verify=crc32c",
              "--verify_only",
              "--iodepth=8");
      assertThat(again.errorText()).isEmpty();
      assertThat(again.verify().blocks()).isEqualTo(1024);
      assertThat(again.direction(Direction.WRITE).ios()).isZero();

      JobResult otherwise =
          onDrive(
              controller,
              "--rw=read",
              "--bs=64k",
              "--size=4m",
              "--verify=crc32c",
              "--verify_interval=4k");
      assertThat(otherwise.errorText()).isEmpty();
      assertThat(otherwise.verify().blocks()).isEqualTo(1024);

      JobResult beyond =
          onDrive(controller, "--rw=read", "--size=4m", "--offset=4m", "--verify=crc32c");
      assertThat(beyond.verify().failures()).isEqualTo(1024);
      assertThat(beyond.errorText()).startsWith("verify failed at byte 4194304: expected 0x53");
    }
  }

  @Test
  void whatMayNotOverlapIsRefusedWhereItMight() {
    try (NvmeController controller = Drives.open(MEMORY)) {
      String[] job = {"--rw=randwrite", "--size=1m", "--iodepth=8", "--serialize_overlap=1"};
      assertThatIllegalArgumentException()
          .isThrownBy(() -> onDrive(controller, job))
          .withMessageContaining("serialize_overlap is done only");
      JobResult verified = onDrive(controller, "--verify=crc32c", job[0], job[1], job[2], job[3]);
      assertThat(verified.isClean()).isTrue();
      assertThat(onDrive(controller, job[0], job[1], job[3]).isClean()).isTrue();
    }
  }

  @Test
  void aHeaderMayBeAskedForLessOftenThanThereAreBlocks() {
    try (NvmeController controller = Drives.open(MEMORY)) {
      JobResult job =
          onDrive(
              controller,
              "--rw=write",
              "--size=4m",
              "--bsrange=4k-64k",
              "--verify=crc32c",
              "--verify_interval=1m");
      assertThat(job.isClean()).isTrue();
      assertThat(job.verify().blocks()).isEqualTo(1024);
    }
  }
}
