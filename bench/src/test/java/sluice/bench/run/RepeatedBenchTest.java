package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.RoundFigure;
import sluice.bench.result.Rounds;
import sluice.bench.result.Rounds.JobRounds;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;

/** Jobs that run several times, on the virtual drive. */
@Timeout(60)
class RepeatedBenchTest {
  private static final String DRIVE = "virtual:memory?size=16M&thread=shared";
  private static final RunOptions WRITING = RunOptions.standard().withAllowWrite(true);

  private static BenchResult run(int rounds, String drive, String... arguments) {
    try (NvmeController controller = Drives.open(drive)) {
      return bench(controller, WRITING, rounds, arguments).run();
    }
  }

  private static RepeatedBench bench(
      NvmeController controller, RunOptions options, int rounds, String... arguments) {
    return new RepeatedBench(
        CommandLineJobs.read(List.of(arguments)),
        List.of(new Target(controller, controller.namespaces().getFirst(), null)),
        options,
        rounds);
  }

  @Test
  void everyRoundHasAllJobsAndItsFigures() {
    BenchResult result =
        run(
            4,
            DRIVE,
            "--name=a",
            "--rw=randread",
            "--size=1m",
            "--name=b",
            "--rw=randrw",
            "--size=1m",
            "--stonewall");
    Rounds rounds = result.rounds();
    assertThat(result.jobs()).hasSize(2);
    assertThat(rounds.wanted()).isEqualTo(4);
    assertThat(rounds.whole()).isEqualTo(4);
    assertThat(rounds.shown()).isBetween(1, 4);
    assertThat(rounds.jobs()).extracting(JobRounds::name).containsExactly("a", "b");
    assertThat(rounds.jobs().getFirst().ways()).containsOnlyKeys("read");
    assertThat(rounds.jobs().getLast().ways()).containsOnlyKeys("read", "write");
    rounds
        .jobs()
        .forEach(job ->
            job.ways()
                .values()
                .forEach(way -> {
                  assertThat(way.figures()).doesNotContainKey(RoundFigure.INTENDED_P99).hasSize(6);
                  assertThat(way.figures().values())
                      .allMatch(series -> series.values().size() == 4);
                }));
    assertThat(rounds.jobs().getFirst().ways().get("read").fewestIos()).isEqualTo(256);
  }

  @Test
  void whatIsShownIsOneOfTheRounds() {
    BenchResult result = run(5, DRIVE, "--rw=randread", "--size=2m");
    Rounds rounds = result.rounds();
    double shown = result.jobs().getFirst().direction(Direction.READ).iosPerSecond();
    assertThat(
            rounds
                .jobs()
                .getFirst()
                .ways()
                .get("read")
                .figures()
                .get(RoundFigure.IOPS)
                .values()
                .get(rounds.shown() - 1))
        .isEqualTo(shown);
  }

  @Test
  void oneRoundIsARunAsEver() {
    assertThat(run(1, DRIVE, "--rw=read", "--size=1m").rounds()).isEqualTo(Rounds.NONE);
  }

  @Test
  void pacedJobsHaveTheirBufferAndLatencyFromTheIntendedIssue() {
    Rounds rounds =
        run(2, DRIVE, "--rw=write", "--size=1m", "--bs=64k", "--rate=100m", "--verify=crc32c")
            .rounds();
    JobRounds job = rounds.jobs().getFirst();
    assertThat(job.bufferBytes().values()).hasSize(2);
    assertThat(job.ways().get("write").figures()).containsKey(RoundFigure.INTENDED_P99);
  }

  @Test
  void mixedAndGroupedJobsAreAsTheyAreReported() {
    Rounds rounds =
        run(
                2,
                DRIVE,
                "--rw=randrw",
                "--size=256k",
                "--numjobs=2",
                "--group_reporting",
                "--unified_rw_reporting=1",
                "--time_based",
                "--runtime=20ms")
            .rounds();
    assertThat(rounds.jobs()).hasSize(1);
    assertThat(rounds.jobs().getFirst().ways()).containsOnlyKeys("mixed");
  }

  @Test
  void aRoundThatFailsIsTheLastAndIsShown() {
    BenchResult result =
        run(3, DRIVE + "&flip=lba:100", "--rw=write", "--size=1m", "--bs=4k", "--verify=crc32c");
    assertThat(result.isClean()).isFalse();
    assertThat(result.rounds().whole()).isZero();
    assertThat(result.rounds().shown()).isZero();
    assertThat(result.jobs()).hasSize(1);
  }

  @Test
  void anInterruptedRunHasItsWholeRounds() {
    try (NvmeController controller = Drives.open(DRIVE)) {
      AtomicReference<RepeatedBench> bench = new AtomicReference<>();
      RunOptions options =
          RunOptions.standard()
              .withNanoClock(() -> {
                if (bench.get().round() == 3) {
                  bench.get().stop();
                }
                return System.nanoTime();
              });
      bench.set(bench(controller, options, 5, "--rw=read", "--size=1m"));
      BenchResult result = bench.get().run();
      assertThat(result.interrupted()).isTrue();
      assertThat(result.rounds().whole()).isEqualTo(2);
      assertThat(result.rounds().shown()).isBetween(1, 2);
      assertThat(result.jobs().getFirst().direction(Direction.READ).ios()).isEqualTo(256);
    }
  }

  @Test
  void interruptedInItsFirstRoundItHasWhatThereIs() {
    try (NvmeController controller = Drives.open(DRIVE)) {
      AtomicReference<RepeatedBench> bench = new AtomicReference<>();
      RunOptions options = RunOptions.standard().withOnProgress(_ -> bench.get().stop());
      bench.set(bench(controller, options, 5, "--rw=read", "--time_based", "--runtime=30"));
      BenchResult result = bench.get().run();
      assertThat(result.interrupted()).isTrue();
      assertThat(result.rounds().whole()).isZero();
      assertThat(result.rounds().shown()).isZero();
      assertThat(result.jobs()).hasSize(1);
    }
  }

  @Test
  void stoppedBeforeItBeginsItDoesNothing() {
    try (NvmeController controller = Drives.open(DRIVE)) {
      RepeatedBench bench = bench(controller, WRITING, 3, "--rw=read", "--size=1m");
      bench.stop();
      BenchResult result = bench.run();
      assertThat(result.interrupted()).isTrue();
      assertThat(result.jobs()).isEmpty();
      assertThat(bench.round()).isEqualTo(1);
    }
  }

  @Test
  void whatIsToldWhileItRunsHasTheRoundsSoFar() {
    try (NvmeController controller = Drives.open(DRIVE)) {
      List<BenchResult> told = new ArrayList<>();
      RunOptions options = RunOptions.standard().withInterim(new Interim(10_000_000, told::add));
      bench(controller, options, 3, "--rw=read", "--time_based", "--runtime=400ms").run();
      assertThat(told).extracting(result -> result.rounds().whole()).isSorted().contains(0, 1, 2);
      assertThat(told).allMatch(result -> result.rounds().shown() == 0);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 1001})
  void otherNumbersOfRoundsAreRefused(int rounds) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RepeatedBench.requirePossible(rounds))
        .withMessageContaining("1 to 1000 rounds are possible");
  }
}
