package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import sluice.bench.result.JobResult;
import sluice.bench.result.SlowIo;
import sluice.bench.result.SlowestIos;

class SlowestMeterTest {
  private static final String DRIVE = "virtual:null?size=1G&thread=shared";
  private static final long MILLI = 1_000_000;

  private static final Rig RIG = new Rig(DRIVE, 100, "name=a", "rw=read", "bs=4k", "size=1m");
  private static final IoNames NAMES = RIG.names;

  @AfterAll
  static void close() {
    RIG.close();
  }

  private static SlowestMeter meter(int most) {
    return new SlowestMeter(most, NAMES);
  }

  private static void add(SlowestMeter meter, long number, long nanos) {
    if (meter.takes(nanos)) {
      meter.add(0, 1, 4096, number * 4096, number * 1000, nanos, 5, 0);
    }
  }

  @Test
  void theSlowestOfManyAreKept() {
    long seed = Long.getLong("sluice.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    for (int most : new int[] {1, 2, 10, 1000}) {
      SlowestMeter meter = meter(most);
      long[] all = random.longs(5_000, 0, 3_000).toArray();
      for (int i = 0; i < all.length; i++) {
        add(meter, i, all[i]);
      }
      List<Long> expected =
          LongStream.of(all).sorted().boxed().toList().reversed().subList(0, most);
      assertThat(meter.result().ios())
          .as("seed %d", seed)
          .extracting(SlowIo::nanos)
          .containsExactlyElementsOf(expected);
      assertThat(meter.result().ios())
          .allMatch(slow -> all[(int) slow.io().lba() / 8] == slow.nanos());
    }
  }

  @Test
  void noneAreKeptWhereNoneAreWanted() {
    SlowestMeter meter = meter(0);
    assertThat(meter.takes(Long.MAX_VALUE)).isFalse();
    assertThat(meter.result().ios()).isEmpty();
  }

  @Test
  void fewAreAllKeptAndAResetForgetsThem() {
    SlowestMeter meter = meter(10);
    add(meter, 0, 0);
    add(meter, 1, 7);
    assertThat(meter.result().ios()).extracting(SlowIo::nanos).containsExactly(7L, 0L);
    meter.reset();
    assertThat(meter.result().ios()).isEmpty();
    add(meter, 0, 1);
    assertThat(meter.result().ios()).hasSize(1);
  }

  @Test
  void thoseOfTwoJobsAreTheSlowestOfBoth() {
    SlowestMeter a = meter(2);
    SlowestMeter b = meter(2);
    for (int i = 1; i < 5; i++) {
      add(a, i, i * 10L);
      add(b, i, i * 10L + 5);
    }
    SlowestIos both = a.result().plus(b.result());
    assertThat(both.ios()).extracting(SlowIo::nanos).containsExactly(45L, 40L);
  }

  /** A pause of 50 ms meets the four that are out; when, where and what else was out is told. */
  @Test
  void aPauseIsFoundWithItsPlace() {
    try (Rig rig =
        new Rig(
            DRIVE + "&latency=100us&pause=50ms&every=500ms",
            500,
            "rw=read",
            "bs=4k",
            "iodepth=4",
            "time_based",
            "runtime=700ms")) {
      SlowestIos slowest = rig.run().slowest();
      assertThat(slowest.ios()).hasSize(10);
      List<SlowIo> late = slowest.ios().subList(0, 4);
      assertThat(late)
          .allMatch(slow -> slow.nanos() > 49 * MILLI && slow.nanos() < 51 * MILLI)
          .allMatch(slow -> slow.others() == 3)
          .allMatch(slow -> slow.stalledNanos() == 0)
          .allMatch(slow -> slow.io().queue() == 1)
          .allMatch(slow -> slow.io().length() == 4096)
          .allMatch(slow -> slow.io().command().equals("read"));
      assertThat(late).extracting(slow -> slow.io().offset()).doesNotHaveDuplicates();
      assertThat(slowest.ios().get(4).nanos()).isLessThan(MILLI);
    }
  }

  /** The thread that polls was not there for 30 ms: what was out then is late by that. */
  @Test
  void aStallOfThisMachineIsMarked() {
    try (Rig rig =
        new Rig(DRIVE + "&latency=100us", 500, "rw=read", "bs=4k", "time_based", "runtime=100ms")) {
      rig.steps(1_000);
      rig.stall(30 * MILLI);
      JobResult job = rig.run();
      SlowIo first = job.slowest().ios().getFirst();
      assertThat(first.nanos()).isBetween(30 * MILLI, 31 * MILLI);
      assertThat(first.stalledNanos()).isBetween(30 * MILLI, first.nanos());
      assertThat(first.isLateByStall()).isTrue();
      assertThat(job.slowest().ios().get(1).stalledNanos()).isZero();
    }
  }

  @Test
  void aRampIsForgotten() {
    try (Rig rig =
        new Rig(
            DRIVE + "&latency=10us&pause=5ms&every=1h",
            100,
            "rw=randread",
            "bs=4k",
            "ramp_time=20ms",
            "runtime=20ms",
            "time_based")) {
      assertThat(rig.run().slowest().ios())
          .allMatch(slow -> slow.nanos() < MILLI && slow.io().startNanos() >= 0);
    }
  }
}
