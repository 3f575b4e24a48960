package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.bench.result.Direction;
import sluice.bench.result.JobResult;
import sluice.bench.result.Pauses;
import sluice.bench.result.Span;
import sluice.bench.result.Stalls;

/** What is the drive's and what is this machine's, by exact clocks. */
@Timeout(60)
class PauseMeterTest {
  private static final long MICRO = 1_000;
  private static final long MILLI = 1_000_000;
  private static final long LOOK = 100 * MICRO;

  private final PauseMeter meter = new PauseMeter(10 * MILLI, this::driveStalled);
  private long now;
  private long driveStalled;

  private long driveStalled() {
    return driveStalled;
  }

  PauseMeterTest() {
    meter.begin(0);
  }

  /** The drive is asked again and again, and has nothing. */
  private void silence(long nanos) {
    for (long left = nanos; left > 0; left -= LOOK) {
      meter.foundNothing();
      now += Math.min(left, LOOK);
      meter.look(now);
    }
  }

  /** Nobody asks. */
  private void stall(long nanos) {
    now += nanos;
    meter.look(now);
  }

  private void completed() {
    meter.completed(1, now);
  }

  @Test
  void silencesAreCountedAndMeasured() {
    silence(9_999_999);
    completed();
    silence(10_000_000);
    completed();
    silence(40_000_001);
    completed();
    now = 200_000_000;
    meter.look(now);
    meter.awake(now);
    silence(12_000_000);
    completed();
    Pauses pauses = meter.pauses(1e9);
    assertThat(pauses.count()).isEqualTo(3);
    assertThat(pauses.longestNanos()).isEqualTo(40_000_001);
    assertThat(pauses.totalNanos()).isEqualTo(10_000_000 + 40_000_001 + 12_000_000);
    assertThat(pauses.heldUpBytes()).isEqualTo(40_000_001);
    assertThat(pauses.longest())
        .containsExactly(
            new Span(9, 10_000_000), new Span(19, 40_000_001), new Span(200, 12_000_000));
  }

  @Test
  void ofManyPausesTheLongestAreKept() {
    for (int i = 1; i <= 3000; i++) {
      silence(10 * MILLI + i);
      completed();
    }
    Pauses pauses = meter.pauses(0);
    assertThat(pauses.count()).isEqualTo(3000);
    assertThat(pauses.longest()).hasSize(Span.KEPT);
    assertThat(pauses.longest()).allMatch(pause -> pause.nanos() > 10 * MILLI + 2000);
  }

  @Test
  void whatCompletesWhileNobodyLooksIsNoPause() {
    silence(MILLI);
    stall(36 * MILLI);
    meter.completed(5, now);
    assertThat(meter.pauses(1e9).count()).isZero();
    Stalls stalls = meter.stalls();
    assertThat(stalls.thresholdNanos()).isEqualTo(MILLI);
    assertThat(stalls.longest()).containsExactly(new Span(1, 36 * MILLI));
    assertThat(stalls.latencies()).isEqualTo(5);
  }

  /** A poll that finds nothing after a stall shows that the drive had nothing all the time. */
  @Test
  void aStallInAPauseTakesNothingFromIt() {
    silence(3 * MILLI);
    stall(20 * MILLI);
    silence(27 * MILLI);
    completed();
    assertThat(meter.pauses(0).longest()).containsExactly(new Span(0, 50 * MILLI));
    assertThat(meter.stalls().count()).isEqualTo(1);
    assertThat(meter.stalls().latencies()).isZero();
  }

  @Test
  void ofAPauseThatEndsInAStallIsKnownWhatWasBefore() {
    silence(15 * MILLI);
    stall(20 * MILLI);
    completed();
    silence(5 * MILLI);
    stall(50 * MILLI);
    completed();
    assertThat(meter.pauses(0).longest()).containsExactly(new Span(0, 15 * MILLI));
    assertThat(meter.stalls().totalNanos()).isEqualTo(70 * MILLI);
  }

  /** A drive in software stands still with the machine, and goes on with what it has. */
  @Test
  void whatCompletesSoonAfterAStallIsNoPauseEither() {
    silence(2 * MILLI);
    stall(30 * MILLI);
    silence(900 * MICRO);
    completed();
    assertThat(meter.pauses(0).count()).isZero();
    assertThat(meter.stalls().latencies()).isEqualTo(1);
    silence(2 * MILLI);
    stall(30 * MILLI);
    silence(7 * MILLI);
    completed();
    assertThat(meter.pauses(0).count()).isZero();
  }

  @Test
  void aStallAtTheBeginOfAPauseIsLeftOut() {
    completed();
    silence(500 * MICRO);
    stall(20 * MILLI);
    silence(30 * MILLI);
    completed();
    assertThat(meter.pauses(0).longest()).containsExactly(new Span(20, 30 * MILLI));
  }

  /** Another thread was in the drive's turn, or its own thread did not run. */
  @Test
  void aDriveThatCouldNotRunMadeNoPause() {
    driveStalled = 5 * MILLI;
    completed();
    silence(30 * MILLI);
    driveStalled += 29 * MILLI;
    completed();
    assertThat(meter.pauses(0).count()).isZero();
    assertThat(meter.stalls().longest()).containsExactly(new Span(0, 29 * MILLI));
    silence(50 * MILLI);
    driveStalled += 20 * MILLI;
    completed();
    assertThat(meter.pauses(0).longest()).containsExactly(new Span(30, 30 * MILLI));
    assertThat(meter.stalls().totalNanos()).isEqualTo(49 * MILLI);
  }

  /** As when data is made or a report is written between two polls. */
  @Test
  void severalLooksWithoutAPollAreNoProof() {
    silence(2 * MILLI);
    stall(15 * MILLI);
    stall(LOOK);
    stall(15 * MILLI);
    completed();
    assertThat(meter.pauses(0).count()).isZero();
    assertThat(meter.stalls().count()).isEqualTo(2);
  }

  @Test
  void whoSleepsByItsWillIsThere() {
    for (int i = 0; i < 30; i++) {
      meter.foundNothing();
      meter.slept(MILLI);
      now += MILLI + 50 * MICRO;
      meter.look(now);
    }
    completed();
    assertThat(meter.stalls().count()).isZero();
    assertThat(meter.pauses(0).longestNanos()).isEqualTo(30 * (MILLI + 50 * MICRO));
    meter.slept(MILLI);
    stall(12 * MILLI);
    completed();
    assertThat(meter.stalls().longestNanos()).isEqualTo(12 * MILLI);
    assertThat(meter.pauses(0).count()).isEqualTo(1);
  }

  private static Rig rig(String drive, String... more) {
    String[] options = {"rw=randread", "bs=4k", "time_based", "runtime=3", "ramp_time=100ms"};
    String[] all = new String[options.length + more.length];
    System.arraycopy(options, 0, all, 0, options.length);
    System.arraycopy(more, 0, all, options.length, more.length);
    return new Rig("virtual:null?size=1G&thread=shared" + drive, 1600, all);
  }

  /** Stalls of up to 40 ms, about each 40 ms, at random places. */
  private static Consumer<Rig> stalls(SplittableRandom random) {
    return rig -> {
      rig.steps(random.nextInt(1, 30_000));
      rig.stall(random.nextLong(40 * MILLI));
    };
  }

  @Test
  void pausesOfADriveAreRightToAMillisecond() {
    for (String depth : new String[] {"iodepth=1", "iodepth=8", "rate_iops=10000"}) {
      try (Rig rig = rig("&pause=50ms&every=500ms", depth)) {
        JobResult job = rig.run();
        assertThat(job.pauses().count()).isBetween(5L, 7L);
        assertThat(job.pauses().longest())
            .allSatisfy(pause -> assertThat(pause.nanos()).isBetween(49 * MILLI, 51 * MILLI));
        assertThat(job.stalls().count()).isZero();
      }
    }
  }

  @Test
  void stallsOfThisMachineAreNotTheDrives() {
    long seed = Long.getLong("sluice.seed", System.nanoTime());
    System.out.println("sluice.seed=" + seed);
    for (String depth : new String[] {"iodepth=1", "iodepth=8", "rate_iops=10000"}) {
      try (Rig rig = rig("", depth)) {
        Consumer<Rig> step = stalls(new SplittableRandom(seed));
        while (!rig.worker.isEnded()) {
          step.accept(rig);
        }
        JobResult job = rig.result();
        assertThat(job.pauses().count()).isZero();
        assertThat(job.stalls().count()).isGreaterThan(20);
        assertThat(job.stalls().longestNanos()).isBetween(30 * MILLI, 41 * MILLI);
        // A paced job has seldom anything out when a stall begins.
        if (depth.startsWith("iodepth")) {
          assertThat(job.stalls().latencies()).isPositive();
        }
        assertThat(job.direction(Direction.READ).ios()).isPositive();
      }
    }
  }

  /** Pauses of a drive on a machine that stalls: those that are told are not too long. */
  @Test
  void noStallMakesAPauseLonger() {
    long seed = Long.getLong("sluice.seed", System.nanoTime());
    System.out.println("sluice.seed=" + seed);
    try (Rig rig = rig("&pause=50ms&every=500ms", "iodepth=4")) {
      Consumer<Rig> step = stalls(new SplittableRandom(seed));
      while (!rig.worker.isEnded()) {
        step.accept(rig);
      }
      JobResult job = rig.result();
      assertThat(job.pauses().count()).isBetween(1L, 7L);
      assertThat(job.pauses().longestNanos()).isBetween(10 * MILLI, 51 * MILLI);
      assertThat(job.stalls().count()).isGreaterThan(20);
    }
  }
}
