package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.bench.result.Backlog;
import sluice.bench.result.Backlog.Verdict;
import sluice.bench.result.Direction;
import sluice.bench.result.JobResult;

/** The buffer that a stream needs: the greatest backlog, by exact clocks. */
@Timeout(60)
class BacklogTest {
  private static final String DRIVE = "virtual:null?size=1G&thread=shared";
  private static final long MILLI = 1_000_000;
  private static final long MIB = 1 << 20;

  private static BacklogMeter meter() {
    BacklogMeter meter = new BacklogMeter();
    meter.base(0);
    meter.begin(0);
    return meter;
  }

  @Test
  void aPauseFillsAllThatItLasts() {
    BacklogMeter meter = meter();
    meter.issued(100);
    meter.look(5 * MILLI, 0);
    // Nothing completes for 40 ms, in which 400 bytes come due.
    meter.look(45 * MILLI, 400);
    meter.completed(100);
    meter.look(45 * MILLI, 400);
    meter.issued(400);
    meter.look(45 * MILLI, 0);
    meter.completed(400);
    meter.end(50 * MILLI, 0);
    Backlog backlog = meter.result();
    assertThat(backlog.greatestBytes()).isEqualTo(500);
    assertThat(backlog.greatestMillis()).isEqualTo(45);
    assertThat(backlog.endBytes()).isZero();
    assertThat(backlog.slices())
        .extracting(Backlog.Slice::bytes)
        .containsExactly(150L, 250L, 350L, 450L, 500L, 0L);
  }

  @Test
  void slicesAreJoinedAndNoneIsLost() {
    BacklogMeter meter = meter();
    long hours = 12 * 3600;
    for (long second = 0; second <= hours; second++) {
      meter.look(second * 1000 * MILLI, second == 20_000 ? 777 : 0);
    }
    meter.end(hours * 1000 * MILLI, 0);
    Backlog backlog = meter.result();
    assertThat(backlog.greatestBytes()).isEqualTo(777);
    assertThat(backlog.greatestMillis()).isEqualTo(20_000_000);
    List<Backlog.Slice> slices = backlog.slices();
    assertThat(slices).hasSizeBetween(1000, 2049);
    assertThat(slices.getLast().endMillis()).isEqualTo(hours * 1000);
    for (int i = 1; i < slices.size(); i++) {
      assertThat(slices.get(i).startMillis()).isEqualTo(slices.get(i - 1).endMillis());
    }
    assertThat(slices)
        .anySatisfy(slice -> {
          assertThat(slice.bytes()).isEqualTo(777);
          assertThat(slice.startMillis()).isLessThanOrEqualTo(20_000_000);
          assertThat(slice.endMillis()).isGreaterThanOrEqualTo(20_000_000);
        });
  }

  @Test
  void jobsAreSummedAtTheSameTime() {
    // One is behind from 20 to 30 ms of the run, the other begins later and is so at another time.
    BacklogMeter one = meter();
    one.look(25 * MILLI, 1000);
    one.look(25 * MILLI, 0);
    one.end(200 * MILLI, 0);
    BacklogMeter other = new BacklogMeter();
    other.base(0);
    other.begin(100 * MILLI);
    other.look(100 * MILLI, 0);
    other.look(145 * MILLI, 800);
    other.look(145 * MILLI, 0);
    other.end(30_000 * MILLI, 0);
    Backlog apart = one.result().plus(other.result());
    assertThat(apart.sliceMillis()).isEqualTo(20);
    assertThat(apart.greatestBytes()).isEqualTo(1000);
    assertThat(apart.endMillis()).isEqualTo(30_000);

    BacklogMeter third = meter();
    third.look(28 * MILLI, 500);
    third.look(28 * MILLI, 0);
    third.end(50 * MILLI, 0);
    Backlog together = one.result().plus(third.result());
    assertThat(together.greatestBytes()).isEqualTo(1500);
    assertThat(together.plus(Backlog.NONE)).isSameAs(together);
  }

  /** A drive that keeps up, but stops for 50 ms: that long the stream has to be kept. */
  @Test
  void whatIsKeptNeedsTheLongestPauseTimesTheRate() {
    try (Rig rig =
        new Rig(
            DRIVE + "&bandwidth=100MB/s&pause=50ms&every=300ms",
            500,
            "rw=read",
            "bs=64k",
            "iodepth=4",
            "rate=40m",
            "time_based",
            "runtime=900ms")) {
      Backlog backlog = rig.run().backlog();
      assertThat(backlog.verdict()).isEqualTo(Verdict.KEPT);
      assertThat(backlog.greatestBytes()).isBetween(19 * MIB / 10, 23 * MIB / 10);
      assertThat(backlog.endMillis()).isEqualTo(900);
    }
  }

  /** The review's case: behind a cliff the drive is slower than the stream. */
  @Test
  void whatIsNotKeptIsBehindByAllThatCameDueAndGrows() {
    try (Rig rig =
        new Rig(
            DRIVE + "&cliff=16M&after=30MB/s",
            500,
            "rw=write",
            "bs=128k",
            "iodepth=8",
            "rate=100m",
            "time_based",
            "runtime=600ms")) {
      JobResult job = rig.run();
      Backlog backlog = job.backlog();
      assertThat(backlog.verdict()).isEqualTo(Verdict.GROWING);
      // What was out when the time was up has completed since.
      long behind = 60 * MIB - job.direction(Direction.WRITE).bytes();
      assertThat(backlog.endBytes()).isBetween(behind, behind + 9 * 128 * 1024);
      assertThat(backlog.greatestBytes()).isBetween(backlog.endBytes(), backlog.endBytes() + MIB);
    }
  }

  @Test
  void aStreamThatEndsNeedsNoMoreThanItsRest() {
    try (Rig rig =
        new Rig(
            DRIVE + "&bandwidth=10MB/s",
            1000,
            "rw=write",
            "bs=64k",
            "iodepth=2",
            "rate=100m",
            "size=10m")) {
      Backlog backlog = rig.run().backlog();
      // All has come due after 100 ms, as is seen with the next completion.
      assertThat(backlog.endMillis()).isBetween(98L, 108L);
      assertThat(backlog.greatestBytes()).isBetween(8 * MIB, 10 * MIB);
      assertThat(backlog.verdict()).isEqualTo(Verdict.GROWING);
    }
  }

  @Test
  void whatARampLeftBehindIsNotMeasured() {
    try (Rig rig =
        new Rig(
            DRIVE + "&pause=150ms&every=1s",
            500,
            "rw=read",
            "bs=64k",
            "iodepth=4",
            "rate=64m",
            "ramp_time=1200ms",
            "time_based",
            "runtime=500ms")) {
      JobResult job = rig.run();
      assertThat(job.backlog().greatestBytes()).isLessThanOrEqualTo(4 * 65536);
      assertThat(job.direction(Direction.READ).intended().exact().max()).isLessThan(20 * MILLI);
    }
  }

  @Test
  void withoutAPaceNothingIsDue() {
    try (Rig rig = new Rig(DRIVE, 100, "rw=read", "size=1m")) {
      assertThat(rig.run().backlog().isEmpty()).isTrue();
    }
  }
}
