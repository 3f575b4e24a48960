package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.JobResult;
import sluice.bench.result.Pauses;

@Timeout(60)
class WorkerTest {
  private static final String DRIVE = "virtual:null?size=1G&thread=shared";
  private static final long MICRO = 1_000;
  private static final long MILLI = 1_000_000;

  @Test
  void latenciesAreTheDrives() {
    try (Rig rig = new Rig(DRIVE + "&latency=80us", 100, "rw=randread", "bs=4k", "size=4m")) {
      DirectionResult read = rig.run().direction(Direction.READ);
      assertThat(read.ios()).isEqualTo(1024);
      assertThat(read.completion().exact().min()).isGreaterThanOrEqualTo(80 * MICRO - 200);
      assertThat(read.completion().exact().max()).isLessThan(88 * MICRO);
      assertThat(read.submission().exact().max()).isLessThan(MICRO);
      assertThat(read.total().exact().mean())
          .isCloseTo(
              read.completion().exact().mean() + read.submission().exact().mean(), offset(0.5));
    }
  }

  @Test
  void theClockIsReadTwicePerIo() {
    // Each reading is a tick: a fast drive takes as many as there are readings per I/O.
    try (Rig rig = new Rig(DRIVE, 100, "rw=randread", "bs=4k", "size=64m")) {
      long before = rig.getAsLong();
      DirectionResult read = rig.run().direction(Direction.READ);
      double readings = (rig.getAsLong() - before) / 100.0 / read.ios();
      // The driver itself looks at its clock now and then.
      assertThat(readings).isBetween(2.0, 2.1);
    }
  }

  @Test
  void whatIsPacedKeepsItsPace() {
    try (Rig rig =
        new Rig(DRIVE, 100, "rw=randread", "bs=4k", "rate_iops=10000", "number_ios=1001")) {
      JobResult job = rig.run();
      assertThat(job.runtimeMillis()).isBetween(100L, 101L);
    }
  }

  @Test
  void ratesOfBytes() {
    try (Rig rig = new Rig(DRIVE, 100, "rw=read", "bs=64k", "rate=64m", "size=16m")) {
      assertThat(rig.run().runtimeMillis()).isBetween(248L, 251L);
    }
  }

  @Test
  void ratesOfBothWaysOfAMix() {
    try (Rig rig =
        new Rig(
            DRIVE,
            100,
            "rw=randrw",
            "bs=4k",
            "rate_iops=1000,3000",
            "iodepth=4",
            "number_ios=800")) {
      JobResult job = rig.run();
      assertThat(job.direction(Direction.READ).ios()).isBetween(199L, 201L);
      assertThat(job.runtimeMillis()).isBetween(198L, 201L);
    }
  }

  /** A drive that stops for 50 ms: what should have been issued meanwhile has waited, too. */
  @Test
  void latencyFromTheIntendedTimeShowsWhatWaited() {
    try (Rig rig =
        new Rig(
            DRIVE + "&pause=50ms&every=500ms",
            200,
            "rw=randread",
            "bs=4k",
            "rate_iops=1000",
            "number_ios=2000")) {
      JobResult job = rig.run();
      DirectionResult read = job.direction(Direction.READ);
      // One I/O of a pause is slow by itself; all of the 50 of its time were late.
      assertThat(read.completion().percentileNanos(99)).isLessThan(MILLI);
      assertThat(read.intended().percentileNanos(95)).isGreaterThan(15 * MILLI);
      assertThat(read.intended().exact().max()).isBetween(45 * MILLI, 55 * MILLI);
      Pauses pauses = job.pauses();
      assertThat(pauses.count()).isBetween(3L, 5L);
      assertThat(pauses.longestNanos()).isBetween(45 * MILLI, 55 * MILLI);
    }
  }

  @Test
  void aRampIsNotMeasured() {
    try (Rig rig =
        new Rig(
            DRIVE + "&latency=10us",
            100,
            "rw=randread",
            "bs=4k",
            "ramp_time=20ms",
            "runtime=50ms",
            "time_based")) {
      JobResult job = rig.run();
      assertThat(job.runtimeMillis()).isBetween(50L, 51L);
      assertThat(job.direction(Direction.READ).ios()).isBetween(4_000L, 5_000L);
      assertThat(rig.worker.tally().ios(Direction.READ)).isBetween(5_600L, 7_000L);
    }
  }

  /** As fio's logs: the ramp is not in them, and their clock begins at its end. */
  @Test
  void aRampIsNotInTheLogs() {
    for (String window : List.of("log_avg_msec=5", "log_avg_msec=0")) {
      try (Rig rig =
          new Rig(
              DRIVE + "&latency=10us",
              200,
              "rw=randread",
              "bs=4k",
              "ramp_time=20ms",
              "runtime=50ms",
              "time_based",
              "write_lat_log",
              "write_bw_log",
              "write_iops_log",
              window)) {
        JobResult _ = rig.run();
        assertThat(rig.logs.files()).hasSize(5);
        for (List<KeptLogs.Line> log : rig.logs.files().values()) {
          assertThat(log.getFirst().timeMillis()).isBetween(0L, 6L);
          assertThat(log.getLast().timeMillis()).isBetween(49L, 55L);
          assertThat(log).extracting(KeptLogs.Line::timeMillis).isSorted();
          assertThat(log.size())
              .isBetween(window.endsWith("5") ? 9 : 3000, window.endsWith("5") ? 12 : 5000);
        }
      }
    }
  }

  @Test
  void thinkingTakesItsTime() {
    try (Rig rig =
        new Rig(
            DRIVE,
            100,
            "rw=randread",
            "bs=4k",
            "iodepth=4",
            "thinktime=1ms",
            "thinktime_blocks=10",
            "number_ios=100")) {
      assertThat(rig.run().runtimeMillis()).isBetween(9L, 10L);
    }
  }

  @Test
  void flushesFollowWrites() {
    try (Rig rig = new Rig(DRIVE, 100, "rw=write", "bs=4k", "size=400k", "fsync=10", "iodepth=4")) {
      JobResult job = rig.run();
      assertThat(job.direction(Direction.WRITE).ios()).isEqualTo(100);
      // Behind the last there is none, as with fio.
      assertThat(job.sync().exact().count()).isEqualTo(9);
    }
  }

  @Test
  void batchesAreAsTheyShouldBe() {
    try (Rig rig =
        new Rig(
            DRIVE,
            100,
            "rw=randread",
            "bs=4k",
            "size=4m",
            "iodepth=32",
            "iodepth_batch=8",
            "iodepth_batch_complete_min=8")) {
      JobResult job = rig.run();
      // 5 to 8 commands per doorbell.
      assertThat(job.depths().submit().percent(2)).isGreaterThan(95);
    }
  }

  @Test
  void anErrorEndsTheJobAndSaysWhere() {
    try (Rig rig =
        new Rig(
            DRIVE + "&error=lba:800-807:unrecovered-read", 100, "rw=read", "bs=4k", "size=1m")) {
      JobResult job = rig.run();
      assertThat(job.error()).isEqualTo(5);
      assertThat(job.errorText())
          .startsWith("read of 4096 bytes at byte 409600: ")
          .containsIgnoringCase("unrecovered read");
      assertThat(job.direction(Direction.READ).ios()).isEqualTo(100);
    }
  }

  /** Conformance's case: one flipped bit of the drive, and where it is. */
  @Test
  void aFlippedBitIsFound() {
    try (Rig rig =
        new Rig(
            "virtual:memory?size=16M&thread=shared&flip=lba:1234",
            100,
            "rw=randwrite",
            "bs=4k",
            "size=4m",
            "iodepth=8",
            "verify=crc32c")) {
      JobResult job = rig.run();
      assertThat(job.error()).isEqualTo(84);
      assertThat(rig.worker.verified().failures()).isEqualTo(1);
      assertThat(rig.worker.verified().blocks()).isEqualTo(1024);
      String found = rig.worker.verified().firstFailure();
      assertThat(found).matches("byte \\d+: expected 0x.., found 0x.. \\(1 of the 4096 .*");
      long at = Long.parseLong(found.substring(5, found.indexOf(':')));
      assertThat(at / 512).isEqualTo(1234);
    }
  }

  @Test
  void theDepthThatMeetsATargetIsFound() {
    // A drive of 100 MB/s moves 4 KiB in 41 us: 500 us are met by 12 at once.
    try (Rig rig =
        new Rig(
            DRIVE + "&bandwidth=100MB/s",
            100,
            "rw=randread",
            "bs=4k",
            "iodepth=64",
            "latency_target=500us",
            "latency_window=20ms",
            "latency_percentile=99",
            "time_based",
            "runtime=60")) {
      JobResult job = rig.run();
      assertThat(rig.worker.depth()).isBetween(11, 12);
      // Told is what the depth that was found does, and nothing of those before it.
      assertThat(job.runtimeMillis()).isBetween(20L, 21L);
      DirectionResult read = job.direction(Direction.READ);
      assertThat(read.ios()).isBetween(400L, 520L);
      assertThat(read.completion().exact().max()).isLessThanOrEqualTo(500 * MICRO);
      assertThat(read.completion().exact().count()).isEqualTo(read.ios());
    }
  }

  /** Without a window, as fio has it too, each look decides. */
  @Test
  void aTargetNeedsNoWindow() {
    try (Rig rig =
        new Rig(
            DRIVE + "&latency=1ms",
            100,
            "rw=randread",
            "bs=4k",
            "iodepth=64",
            "latency_target=500us",
            "size=64m")) {
      JobResult job = rig.run();
      assertThat(job.error()).isZero();
      assertThat(rig.worker.depth()).isEqualTo(1);
    }
  }

  @Test
  void aStopEndsItInGoodOrder() {
    try (Rig rig = new Rig(DRIVE, 100, "rw=randread", "bs=4k", "time_based", "runtime=1d")) {
      rig.steps(1000);
      assertThat(rig.worker.isEnded()).isFalse();
      rig.worker.stop();
      JobResult job = rig.run();
      assertThat(job.error()).isZero();
      assertThat(job.direction(Direction.READ).ios()).isBetween(300L, 1000L);
    }
  }

  @Test
  void rateMinIsHeld() {
    try (Rig rig =
        new Rig(
            DRIVE + "&latency=1ms", 1000, "rw=randread", "bs=4k", "rate_min=100m", "size=512m")) {
      JobResult job = rig.run();
      assertThat(job.errorText()).isEqualTo("slower than its rate_min");
    }
  }

  @Test
  void verifyingAfterEachLoop() {
    try (Rig rig =
        new Rig(
            "virtual:memory?size=16M&thread=shared",
            100,
            "rw=randwrite",
            "bs=4k",
            "size=1m",
            "loops=3",
            "verify=crc32c")) {
      JobResult job = rig.run();
      assertThat(job.errorText()).isEmpty();
      assertThat(job.direction(Direction.WRITE).ios()).isEqualTo(3 * 256);
      assertThat(job.direction(Direction.READ).ios()).isEqualTo(3 * 256);
    }
  }
}
