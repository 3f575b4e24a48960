package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.bench.result.JobResult;
import sluice.bench.result.StuckIo;
import sluice.bench.result.StuckIos;

/** I/Os that do not come back, by an exact clock. */
class StuckMeterTest {
  private static final String DRIVE = "virtual:null?size=1G&thread=shared";
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;

  private static List<StuckIo> told(Rig rig) {
    List<StuckIo> told = new ArrayList<>();
    StuckMeter.Finding finding;
    while ((finding = rig.worker.meter().stuck().poll()) != null) {
      told.add(finding.stuck());
    }
    return told;
  }

  /** The drive stops for 3 s before the 21st read: told after a second, and when it goes on. */
  @Test
  void isToldWhileItHangsAndWhenItIsOver() {
    try (Rig rig =
        new Rig(
            DRIVE + "&latency=1ms&pause=3s&every=20s",
            100_000,
            "name=a",
            "rw=read",
            "bs=4k",
            "time_based",
            "runtime=24s")) {
      List<StuckIo> told = List.of();
      while (told.isEmpty()) {
        rig.steps(1);
        told = told(rig);
      }
      StuckIo first = told.getFirst();
      assertThat(first.isOver()).isFalse();
      assertThat(first.nanos()).isBetween(SECOND, SECOND + 10 * MILLI);
      assertThat(first.io().job()).isEqualTo("a");
      assertThat(first.io().queue()).isEqualTo(1);
      assertThat(first.io().command()).isEqualTo("read");
      assertThat(first.io().lba()).isEqualTo(first.io().offset() / 512).isPositive();
      assertThat(rig.result().stuck().first().getFirst().isOver()).isFalse();
      JobResult job = rig.run();
      told = told(rig);
      assertThat(told).hasSize(1);
      StuckIo over = told.getFirst();
      assertThat(over.io()).isEqualTo(first.io());
      assertThat(over.end()).isEqualTo("completed");
      assertThat(over.nanos()).isBetween(2_900 * MILLI, 3_010 * MILLI);
      StuckIos stuck = job.stuck();
      assertThat(stuck.count()).isEqualTo(1);
      assertThat(stuck.longestNanos()).isEqualTo(over.nanos());
      assertThat(stuck.first()).containsExactly(over);
    }
  }

  /** The seventh write never completes: the driver aborts it, and that is how it ends. */
  @Test
  void anAbortIsTold() {
    try (Rig rig =
        new Rig(
            DRIVE + "&stuck=count:7",
            50_000,
            "rw=write",
            "bs=4k",
            "iodepth=4",
            "time_based",
            "runtime=1d")) {
      JobResult job = rig.run();
      List<StuckIo> told = told(rig);
      assertThat(told).hasSize(2);
      assertThat(told.getLast().io().command()).isEqualTo("write");
      assertThat(told.getLast().io().offset()).isEqualTo(6 * 4096);
      assertThat(told.getLast().end()).containsIgnoringCase("abort");
      assertThat(told.getLast().nanos()).isGreaterThan(29 * SECOND);
      assertThat(job.error()).isEqualTo(5);
      assertThat(job.stuck().count()).isEqualTo(1);
    }
  }

  /** All that is out is stuck, and each is told once. */
  @Test
  void aWholeQueueIsStuck() {
    try (Rig rig =
        new Rig(
            DRIVE + "&latency=1ms&pause=2s&every=5s",
            20_000,
            "rw=randwrite",
            "bs=4k",
            "iodepth=8",
            "time_based",
            "runtime=8s")) {
      JobResult job = rig.run();
      assertThat(job.stuck().count()).isEqualTo(8);
      assertThat(told(rig)).hasSize(16);
    }
  }

  @Test
  void whatIsSlowIsNotStuck() {
    try (Rig rig =
        new Rig(
            DRIVE + "&latency=900ms", 100_000, "rw=read", "bs=4k", "iodepth=2", "number_ios=20")) {
      assertThat(rig.run().stuck().count()).isZero();
      assertThat(told(rig)).isEmpty();
    }
  }

  @Test
  void aStuckFlushHasNoPlace() {
    try (Rig rig =
        new Rig(
            DRIVE + "&latency=1ms&stuck=count:3",
            100_000,
            "rw=write",
            "bs=4k",
            "fsync=2",
            "number_ios=4")) {
      JobResult job = rig.run();
      assertThat(job.stuck().first().getFirst().io().what()).isEqualTo("flush");
    }
  }
}
