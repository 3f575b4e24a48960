package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static sluice.bench.run.Runs.MEMORY;
import static sluice.bench.run.Runs.WRITING;
import static sluice.bench.run.Runs.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.job.JobSet;
import sluice.bench.report.HumanReport;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.JobResult;
import sluice.bench.result.LogSink;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;

/** Results, whenever they are asked for and however a run ends. */
@Timeout(60)
class BenchResultsTest {
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
}
