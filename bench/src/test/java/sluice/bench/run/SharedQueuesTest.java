package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.bench.run.Runs.WRITING;
import static sluice.bench.run.Runs.run;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.JobResult;

/** Clones that share queues, as there are fewer. */
@Timeout(60)
class SharedQueuesTest {
  /** As fio has it, and consumer drives have 8 queues. What is written is what each reads back. */
  @ParameterizedTest
  @CsvSource({"5, 4, 8", "9, 2, 1", "3, 1, 32", "33, 8, 4"})
  void clonesShareQueuesWhereThereAreFewer(int clones, int queues, int depth) {
    BenchResult result =
        run(
            "virtual:memory?size=64M&queues=" + queues,
            WRITING,
            "--rw=randwrite",
            "--size=1m",
            "--bs=4k",
            "--verify=crc32c",
            "--iodepth=" + depth,
            "--numjobs=" + clones);
    assertThat(result.warnings())
        .contains(
            clones
                + " jobs and clones at the same time share the drive's "
                + queues
                + " queues; who shares a queue shares a thread");
    assertThat(result.jobs()).hasSize(clones).allMatch(JobResult::isClean);
    assertThat(result.jobs())
        .allSatisfy(job -> {
          assertThat(job.direction(Direction.WRITE).ios()).isEqualTo(256);
          assertThat(job.direction(Direction.READ).ios()).isEqualTo(256);
          assertThat(job.verify().blocks()).isEqualTo(256);
        });
  }

  @Test
  void aDriveThatFailsEndsAllWhoShareAQueue() {
    BenchResult result =
        run(
            "virtual:memory?size=64M&queues=1&error=lba:0-200000:unrecovered-read",
            RunOptions.standard(),
            "--rw=randread",
            "--size=1m",
            "--numjobs=3",
            "--iodepth=4");
    assertThat(result.jobs()).hasSize(3).allMatch(job -> job.error() == 5);
  }
}
