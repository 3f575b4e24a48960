package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;
import static sluice.bench.run.Runs.MEMORY;
import static sluice.bench.run.Runs.WRITING;
import static sluice.bench.run.Runs.job;
import static sluice.bench.run.Runs.run;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.JobResult;
import sluice.bench.result.SteadyState;

/** Jobs on the virtual drive, to their ends. */
@Timeout(60)
class BenchTest {
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

  @Test
  void groupsBeginAtStonewallsAndClonesAreAlike() {
    BenchResult result =
        run(
            MEMORY,
            RunOptions.standard().withThreads(2),
            "--size=1m",
            "--bs=4k",
            "--name=one",
            "--rw=read",
            "--numjobs=3",
            "--name=two",
            "--rw=randread",
            "--name=three",
            "--stonewall",
            "--rw=read",
            "--name=four",
            "--new_group",
            "--rw=read");
    assertThat(result.jobs())
        .extracting(JobResult::name)
        .containsExactly("one", "one", "one", "two", "three", "four");
    assertThat(result.jobs()).extracting(JobResult::groupId).containsExactly(0, 0, 0, 0, 1, 2);
    assertThat(result.jobs())
        .allMatch(job -> job.direction(Direction.READ).ios() == 256 && job.error() == 0);
    Instant lastOfFirst = result.jobs().getFirst().start();
    assertThat(result.jobs().get(4).start()).isAfter(lastOfFirst);
  }

  @Test
  void manyClonesShareAThread() {
    BenchResult result =
        run(
            MEMORY,
            RunOptions.standard().withThreads(1),
            "--rw=randread",
            "--size=1m",
            "--numjobs=16",
            "--iodepth=4",
            "--group_reporting");
    assertThat(result.jobs()).hasSize(16);
    assertThat(result.reportedJobs()).hasSize(1);
    assertThat(result.reportedJobs().getFirst().direction(Direction.READ).ios())
        .isEqualTo(16 * 256);
  }

  @Test
  void timesAreScaled() {
    BenchResult result =
        run(
            MEMORY,
            RunOptions.standard().withTimeScale(0.01),
            "--rw=randread",
            "--runtime=20",
            "--ramp_time=10",
            "--startdelay=5",
            "--time_based");
    assertThat(result.jobs().getFirst().runtimeMillis()).isBetween(200L, 5_000L);
  }

  @Test
  void whoExitsTakesTheOthersAlong() {
    BenchResult result =
        run(
            MEMORY,
            RunOptions.standard(),
            "--exitall",
            "--name=short",
            "--rw=read",
            "--size=1m",
            "--name=long",
            "--rw=randread",
            "--runtime=1d",
            "--time_based");
    assertThat(result.isClean()).isTrue();
  }

  @Test
  void aSteadyStateEndsTheJob() {
    BenchResult result =
        run(
            "virtual:null?size=1G&thread=shared&latency=1ms",
            RunOptions.standard(),
            "--rw=randread",
            "--steadystate=iops:90%",
            "--steadystate_duration=1",
            "--runtime=1d",
            "--time_based");
    SteadyState state = result.jobs().getFirst().steadyState().orElseThrow();
    assertThat(state.attained()).isTrue();
    assertThat(state.iops()).hasSize(1);
  }

  @Test
  void whatIsDoneOtherwiseThanByFioIsSaid() {
    BenchResult result =
        run(
            MEMORY,
            WRITING,
            "--name=a",
            "--rw=randrw",
            "--bs=4k,8k",
            "--size=1m",
            "--write_bw_log",
            "--iodepth_batch_complete_max=4");
    assertThat(result.warnings())
        .containsExactly(
            "job a: iodepth_batch_complete_max has no meaning here: all that has completed is"
                + " taken",
            "logs hold means of 500 ms; log_avg_msec=0 keeps each I/O by itself",
            "job a: without a random map, as its sizes differ by direction or it goes on in part"
                + " one after the other: some blocks come twice");
  }
}
