package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.JobResult;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;

/** Jobs that wait for each other, and jobs that share their I/Os out. */
@Timeout(60)
class JobsTogetherTest {
  private static final String DRIVE = "virtual:memory?size=64M&thread=shared";

  private static BenchResult run(int threads, String... arguments) {
    try (NvmeController controller = Drives.open(DRIVE)) {
      return new Bench(
              CommandLineJobs.read(List.of(arguments)),
              controller,
              controller.namespaces().getFirst(),
              RunOptions.standard().withAllowWrite(true).withThreads(threads))
          .run();
    }
  }

  private static Instant end(JobResult job) {
    return job.start().plusMillis(job.runtimeMillis());
  }

  /** Of clones, all have to have ended. */
  @ParameterizedTest
  @CsvSource({"1", "2", "4"})
  void whoWaitsForAJobBeginsWhenAllItsClonesHaveEnded(int threads) {
    BenchResult result =
        run(
            threads,
            "--name=first",
            "--rw=randread",
            "--numjobs=2",
            "--runtime=60ms",
            "--time_based",
            "--name=second",
            "--numjobs=1",
            "--wait_for=first",
            "--runtime=20ms",
            "--name=third",
            "--wait_for=second");
    List<JobResult> jobs = result.jobs();
    assertThat(jobs).hasSize(4).allMatch(JobResult::isClean);
    // Of the same batch: none waits as behind a stonewall.
    assertThat(jobs).extracting(JobResult::groupId).containsOnly(0);
    Instant ended =
        end(jobs.get(0)).isAfter(end(jobs.get(1))) ? end(jobs.get(0)) : end(jobs.get(1));
    assertThat(jobs.get(2).start()).isAfterOrEqualTo(ended.minusMillis(2));
    assertThat(jobs.get(3).start()).isAfterOrEqualTo(end(jobs.get(2)).minusMillis(2));
  }

  @Test
  void whoWaitsForOneBehindAStonewallNeedNotWait() {
    BenchResult result =
        run(2, "--size=1m", "--name=a", "--name=b", "--stonewall", "--name=c", "--wait_for=a");
    assertThat(result.jobs()).hasSize(3).allMatch(JobResult::isClean);
    assertThat(result.jobs().getLast().direction(Direction.READ).ios()).isEqualTo(256);
  }

  /** While both run, their numbers are as their weights. */
  @ParameterizedTest
  @CsvSource({"1, 1, 0", "1, 8, 0", "1, 3, 100", "2, 1, 0", "2, 8, 100"})
  void jobsOfAFlowShareTheirIosOutByWeight(int threads, int depth, int sleepMicros) {
    BenchResult result =
        run(
            threads,
            "--rw=randread",
            "--runtime=400ms",
            "--time_based",
            "--flow_id=7",
            "--flow_sleep=" + sleepMicros,
            "--iodepth=" + depth,
            "--name=one",
            "--flow=1",
            "--name=eight",
            "--flow=8",
            "--name=alone",
            "--flow=0");
    long one = result.jobs().get(0).direction(Direction.READ).ios();
    long eight = result.jobs().get(1).direction(Direction.READ).ios();
    assertThat(one).isPositive();
    // Who begins or ends a moment later has that moment to itself, on a thread of its own.
    assertThat(eight / (double) one).isBetween(threads == 1 ? 7.0 : 0.1, threads == 1 ? 9.0 : 1e9);
    assertThat(result.jobs().get(2).direction(Direction.READ).ios()).isPositive();
  }

  @Test
  void whoIsLeftInAFlowNeedNotWait() {
    BenchResult result =
        run(
            2,
            "--rw=randread",
            "--name=short",
            "--flow=100",
            "--number_ios=10",
            "--name=long",
            "--flow=1",
            "--number_ios=1000");
    assertThat(result.jobs())
        .extracting(job -> job.direction(Direction.READ).ios())
        .containsExactly(10L, 1000L);
  }

  @Test
  void sharesAreExact() {
    Flow flow = new Flow();
    Flow.Share light = flow.share(1);
    Flow.Share heavy = flow.share(3);
    light.join();
    heavy.join();
    int lights = 0;
    int heavies = 0;
    for (int turn = 0; turn < 4000; turn++) {
      assertThat(light.isAhead() && heavy.isAhead()).isFalse();
      if (!light.isAhead()) {
        light.issued();
        lights++;
      }
      if (!heavy.isAhead()) {
        heavy.issued();
        heavies++;
      }
    }
    assertThat(heavies).isEqualTo(4000);
    assertThat(lights).isBetween(1332, 1335);
    heavy.leave();
    heavy.leave();
    assertThat(light.isAhead()).isFalse();
  }
}
