package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.job.JobSet;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.JobResult;
import sluice.bench.result.WarmUp;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;

/** What is done before the first I/O, and that the drive does not see it. */
@Timeout(60)
class WarmUpTest {
  private static final String MEMORY = "virtual:memory?size=64M&thread=shared";

  private final List<String> opened = new ArrayList<>();

  private NvmeController nothing(long bytes, int blockBytes) {
    opened.add(bytes + " " + blockBytes);
    return Drives.open("virtual:null?size=%d&lba=%d&thread=shared".formatted(bytes, blockBytes));
  }

  private RunOptions options(long mostNanos) {
    return RunOptions.standard()
        .withAllowWrite(true)
        .withWarmingUp(new WarmingUp(mostNanos, this::nothing));
  }

  private static BenchResult run(RunOptions options, String... arguments) {
    JobSet set = CommandLineJobs.read(List.of(arguments));
    try (NvmeController controller = Drives.open(MEMORY)) {
      return new Bench(set, controller, controller.namespaces().getFirst(), options).run();
    }
  }

  /** A job that writes and verifies all, another that reads what nobody has written, in order. */
  @Test
  void amountsOffsetsAndLogsAreThoseOfTheRunAlone() {
    KeptLogs logs = new KeptLogs();
    BenchResult result =
        run(
            options(300_000_000).withLogs(logs),
            "--bs=4k",
            "--size=1m",
            "--write_lat_log=l",
            "--log_avg_msec=0",
            "--log_offset=1",
            "--name=w",
            "--rw=randwrite",
            "--verify=crc32c",
            "--name=r",
            "--stonewall",
            "--rw=read",
            "--startdelay=1ms",
            "--ramp_time=0");
    assertThat(result.isClean()).isTrue();
    assertThat(result.warnings()).isEmpty();
    JobResult writes = result.jobs().getFirst();
    assertThat(writes.direction(Direction.WRITE).ios()).isEqualTo(256);
    assertThat(writes.verify().blocks()).isEqualTo(256);
    assertThat(result.jobs().getLast().direction(Direction.READ).ios()).isEqualTo(256);
    List<KeptLogs.Line> lines = logs.files().get("l_lat.2.log");
    assertThat(lines).hasSize(256);
    assertThat(lines.getFirst().offsetBytes()).isEqualTo(1 << 20);
    assertThat(opened).containsExactly((64 << 20) + " 512");
    assertThat(result.conditions().warmUp().nanos()).isPositive();
  }

  @Test
  void theDriveSeesNothingOfIt() {
    JobSet set =
        CommandLineJobs.read(List.of("--rw=write", "--size=64k", "--bs=4k", "--iodepth=4"));
    List<Long> before = new ArrayList<>();
    try (NvmeController controller = Drives.open(MEMORY)) {
      RunOptions options =
          options(200_000_000)
              .withWarmingUp(
                  new WarmingUp(
                      200_000_000,
                      (bytes, block) -> {
                        before.add(controller.admin().smartLog().hostWriteCommands());
                        return nothing(bytes, block);
                      }));
      BenchResult _ = new Bench(set, controller, controller.namespaces().getFirst(), options).run();
      assertThat(controller.admin().smartLog().hostWriteCommands())
          .isEqualTo(before.getFirst() + 16);
    }
  }

  @Test
  void itEndsAtTheLatestWhenItsTimeIsUp() {
    BenchResult result = run(options(1), "--rw=randread", "--size=1m");
    assertThat(result.conditions().warmUp().isSteady()).isFalse();
    assertThat(result.conditions().warmUp().nanos()).isPositive();
    assertThat(result.jobs().getFirst().direction(Direction.READ).ios()).isEqualTo(256);
  }

  @Test
  void withoutOneNothingIsOpened() {
    BenchResult result = run(options(0), "--rw=randread", "--size=1m");
    assertThat(result.conditions().warmUp()).isEqualTo(WarmUp.NONE);
    assertThat(opened).isEmpty();
  }

  /** Jobs that wait by themselves go faster then, or they would never be warm. */
  @Test
  void jobsWithAPaceAndOfAllKindsAreWarmedUp() {
    BenchResult result =
        run(
            options(2_000_000_000),
            "--bs=4k",
            "--size=64k",
            "--name=paced",
            "--rw=write",
            "--rate_iops=100",
            "--number_ios=2",
            "--name=thinking",
            "--rw=randread",
            "--thinktime=1ms",
            "--number_ios=2",
            "--name=trims",
            "--rw=trimwrite",
            "--name=flushes",
            "--rw=randrw",
            "--fsync=2");
    assertThat(result.isClean()).isTrue();
    assertThat(result.warnings()).isEmpty();
    assertThat(result.conditions().warmUp().nanos()).isPositive();
  }

  @Test
  void aStopEndsItAndTheRun() {
    JobSet set = CommandLineJobs.read(List.of("--rw=read", "--time_based", "--runtime=1d"));
    try (NvmeController controller = Drives.open(MEMORY)) {
      AtomicReference<Bench> bench = new AtomicReference<>();
      RunOptions options =
          RunOptions.standard()
              .withWarmingUp(
                  new WarmingUp(
                      Long.MAX_VALUE,
                      (bytes, block) -> {
                        bench.get().stop();
                        return nothing(bytes, block);
                      }));
      bench.set(new Bench(set, controller, controller.namespaces().getFirst(), options));
      BenchResult result = bench.get().run();
      assertThat(result.interrupted()).isTrue();
      assertThat(result.jobs()).isEmpty();
    }
  }

  @Test
  void whereThereIsNoDriveForItTheRunGoesOn() {
    RunOptions options =
        RunOptions.standard()
            .withWarmingUp(
                new WarmingUp(
                    1,
                    (bytes, block) -> {
                      throw new IllegalArgumentException("no such drive");
                    }));
    BenchResult result = run(options, "--rw=read", "--size=1m");
    assertThat(result.warnings()).containsExactly("no warm-up: no such drive");
    assertThat(result.jobs().getFirst().direction(Direction.READ).ios()).isEqualTo(256);
  }
}
