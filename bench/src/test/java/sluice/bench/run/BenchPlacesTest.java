package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static sluice.bench.run.Runs.MEMORY;
import static sluice.bench.run.Runs.WRITING;
import static sluice.bench.run.Runs.job;
import static sluice.bench.run.Runs.run;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.JobResult;

/** Where on the drive jobs and clones are. */
@Timeout(60)
class BenchPlacesTest {
  /** What one wrote would be corrupt for another that has written the same blocks. */
  @Test
  void clonesAndJobsHaveFilesOfTheirOwn() {
    BenchResult result =
        run(
            MEMORY,
            WRITING,
            "--rw=randwrite",
            "--bs=4k",
            "--verify=crc32c",
            "--size=1m",
            "--name=a",
            "--numjobs=4",
            "--name=b",
            "--nrfiles=4",
            "--name=c",
            "--filesize=2m",
            "--size=1m");
    assertThat(result.jobs()).hasSize(6).allMatch(JobResult::isClean);
    assertThat(result.jobs()).allMatch(job -> job.direction(Direction.WRITE).bytes() == 1 << 20);
    assertThat(result.warnings()).isEmpty();
  }

  @Test
  void aFilesSizeStandsForTheSizeThatIsNotGiven() {
    assertThat(job("--filesize=4m", "--rw=read", "--bs=1m").direction(Direction.READ).bytes())
        .isEqualTo(4 << 20);
    assertThat(
            job("--filesize=4m", "--size=8m", "--rw=read", "--bs=1m")
                .direction(Direction.READ)
                .bytes())
        .isEqualTo(4 << 20);
    assertThat(
            job("--filesize=4m", "--size=50%", "--rw=read", "--bs=1m")
                .direction(Direction.READ)
                .bytes())
        .isEqualTo(2 << 20);
    assertThat(
            job("--filesize=4m", "--offset=1m", "--rw=read", "--bs=1m")
                .direction(Direction.READ)
                .bytes())
        .isEqualTo(3 << 20);
  }

  @Test
  void offsetsOfClonesAreIncremented() {
    BenchResult result =
        run(
            MEMORY,
            WRITING,
            "--rw=write",
            "--filename=drive",
            "--size=25%",
            "--offset_increment=25%",
            "--numjobs=4",
            "--bs=64k",
            "--verify=crc32c");
    assertThat(result.isClean()).isTrue();
    assertThat(result.jobs()).allMatch(job -> job.direction(Direction.WRITE).bytes() == 16 << 20);
  }

  @Test
  void whatIsLargerThanTheDriveIsCutAndSaidSo() {
    BenchResult result = run(MEMORY, RunOptions.standard(), "--rw=read", "--bs=1m", "--size=1g");
    assertThat(result.jobs().getFirst().direction(Direction.READ).bytes()).isEqualTo(64 << 20);
    assertThat(result.warnings())
        .containsExactly(
            "a size of 1 GiB is more than the 64 MiB that there are from byte 0 on, which are"
                + " used");
  }

  @Test
  void blocksThatTheDriveHasNotAreRefusedBeforeAnythingIsDone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            run("virtual:null?size=1G&lba=4096", RunOptions.standard(), "--rw=read", "--bs=512"))
        .withMessage(
            "command line: job fio: I/Os of 512 bytes are not made of the drive's blocks of 4096");
  }
}
