package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.job.JobSet;
import sluice.bench.report.HumanReport;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.JobResult;
import sluice.bench.result.LogSink;
import sluice.bench.result.SteadyState;
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

  private static final RunOptions WRITING = RunOptions.standard().withAllowWrite(true);
  private static final String MEMORY = "virtual:memory?size=64M&thread=shared";

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

  private static JobResult onDrive(NvmeController controller, String... arguments) {
    JobSet set = CommandLineJobs.read(List.of(arguments));
    return new Bench(set, controller, controller.namespaces().getFirst(), WRITING)
        .run()
        .jobs()
        .getFirst();
  }

  @Test
  void aStopEndsTheRunWithItsResults() throws Exception {
    JobSet set =
        CommandLineJobs.read(
            List.of("--rw=randread", "--runtime=1d", "--time_based", "--numjobs=2", "--name=a"));
    try (NvmeController controller = Drives.open(MEMORY)) {
      AtomicReference<Bench> bench = new AtomicReference<>();
      RunOptions options = RunOptions.standard().withOnProgress(progress -> bench.get().stop());
      bench.set(new Bench(set, controller, controller.namespaces().getFirst(), options));
      BenchResult result = bench.get().run();
      assertThat(result.jobs()).hasSize(2);
      assertThat(result.isClean()).isTrue();
      assertThat(result.interrupted()).isTrue();
      assertThat(HumanReport.of(result)).startsWith("\nInterrupted: ");
      assertThat(result.jobs().getFirst().direction(Direction.READ).ios()).isPositive();
    }
  }

  @Test
  void resultsWhileItRunsAreThoseUntilThenAndItGoesOn() throws Exception {
    JobSet set =
        CommandLineJobs.read(
            List.of(
                "--time_based",
                "--runtime=1d",
                "--rw=randrw",
                "--name=a",
                "--numjobs=3",
                "--name=late",
                "--startdelay=1d"));
    List<BenchResult> seen = new ArrayList<>();
    try (NvmeController controller = Drives.open(MEMORY)) {
      AtomicReference<Bench> bench = new AtomicReference<>();
      RunOptions options =
          WRITING
              .withThreads(2)
              .withOnProgress(progress -> bench.get().report())
              .withInterim(
                  new Interim(
                      0,
                      result -> {
                        seen.add(result);
                        if (seen.size() == 3) {
                          bench.get().stop();
                        }
                      }));
      bench.set(new Bench(set, controller, controller.namespaces().getFirst(), options));
      seen.add(bench.get().run());
    }
    long before = 0;
    for (BenchResult result : seen.subList(0, 3)) {
      assertThat(result.interrupted()).isFalse();
      assertThat(result.jobs()).extracting(JobResult::name).containsExactly("a", "a", "a");
      DirectionResult read = result.jobs().getFirst().direction(Direction.READ);
      assertThat(read.ios()).isGreaterThan(before);
      assertThat(read.completion().exact().count()).isEqualTo(read.ios());
      assertThat(read.runtimeMillis()).isPositive();
      before = read.ios();
    }
    assertThat(seen.getLast().jobs()).hasSize(4);
  }

  @Test
  void resultsComeByThemselves() throws Exception {
    JobSet set =
        CommandLineJobs.read(List.of("--rw=randread", "--runtime=1d", "--time_based", "--name=a"));
    List<BenchResult> seen = new ArrayList<>();
    try (NvmeController controller = Drives.open(MEMORY)) {
      AtomicReference<Bench> bench = new AtomicReference<>();
      Interim interim =
          new Interim(
              1_000_000,
              result -> {
                seen.add(result);
                if (seen.size() == 2) {
                  bench.get().stop();
                }
              });
      RunOptions options = RunOptions.standard().withInterim(interim);
      bench.set(new Bench(set, controller, controller.namespaces().getFirst(), options));
      bench.get().run();
    }
    assertThat(seen).hasSizeGreaterThanOrEqualTo(2);
  }

  /** A clock that breaks stands for a fault of this program. */
  @Test
  void aFaultLosesNothingOfWhatWasMeasured() throws Exception {
    JobSet set =
        CommandLineJobs.read(
            List.of(
                "--name=before",
                "--rw=read",
                "--size=1m",
                "--name=broken",
                "--stonewall",
                "--rw=randread",
                "--time_based",
                "--runtime=1d"));
    try (NvmeController controller = Drives.open(MEMORY)) {
      AtomicBoolean breaks = new AtomicBoolean();
      LongSupplier clock =
          () -> {
            if (breaks.get() && Thread.currentThread().getName().startsWith("bench-")) {
              throw new OutOfMemoryError("Java heap space");
            }
            return System.nanoTime();
          };
      RunOptions options =
          RunOptions.standard()
              .withNanoClock(clock)
              .withOnProgress(progress -> breaks.set(progress.running() > 0));
      BenchResult result =
          new Bench(set, controller, controller.namespaces().getFirst(), options).run();
      assertThat(result.jobs()).hasSize(2);
      assertThat(result.jobs().getFirst().isClean()).isTrue();
      JobResult broken = result.jobs().getLast();
      assertThat(broken.errorText())
          .isEqualTo("broke off: java.lang.OutOfMemoryError: Java heap space");
      assertThat(broken.direction(Direction.READ).ios()).isPositive();
      assertThat(result.isClean()).isFalse();
    }
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
  void blocksThatTheDriveHasNotAreRefusedBeforeAnythingIsDone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            run("virtual:null?size=1G&lba=4096", RunOptions.standard(), "--rw=read", "--bs=512"))
        .withMessage(
            "command line: job fio: I/Os of 512 bytes are not made of the drive's blocks of 4096");
  }

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

  @Test
  void logsAreKept() {
    KeptLogs logs = new KeptLogs();
    BenchResult _ =
        run(
            MEMORY,
            RunOptions.standard().withLogs(logs),
            "--name=logged",
            "--rw=randread",
            "--write_bw_log",
            "--write_lat_log=x",
            "--log_avg_msec=20",
            "--runtime=200ms",
            "--time_based");
    assertThat(logs.files())
        .containsOnlyKeys("logged_bw.1.log", "x_slat.1.log", "x_clat.1.log", "x_lat.1.log")
        .allSatisfy((name, lines) -> assertThat(lines).hasSizeGreaterThan(2));
  }

  @Test
  void logsAreOpenedBeforeAnythingIsDone() {
    List<String> done = new ArrayList<>();
    LogSink full =
        log -> {
          if (log.fileName().startsWith("second")) {
            throw new IOException("no room for " + log.fileName());
          }
          return samples -> done.add(log.fileName());
        };
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() ->
            run(
                MEMORY,
                RunOptions.standard().withLogs(full),
                "--write_lat_log",
                "--log_avg_msec=0",
                "--size=1m",
                "--name=first",
                "--name=second",
                "--stonewall"))
        .withMessage("no room for second_slat.2.log");
    assertThat(done).isEmpty();
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
