package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.nvme.IoQueue;

/** Sleep between I/Os that are far apart, by a clock of its own. */
class RestTest {
  private static final long MICRO = 1000;

  private final List<Long> slept = new ArrayList<>();
  private long now = 1_000_000;

  /** How much later than asked for the system wakes. */
  private long lateness = 60 * MICRO;

  /** A worker that is due at a time. */
  private final class Due implements Rest.Sleeper {
    long at;
    long rested;
    boolean isOut;

    Due(long at) {
      this.at = at;
    }

    @Override
    public long restNanos() {
      return isOut ? 0 : at - now;
    }

    @Override
    public IoQueue awaited() {
      return null;
    }

    @Override
    public void rested(long nanos) {
      rested = nanos;
    }
  }

  private Rest rest(Due... workers) {
    return new Rest(
        List.of(workers),
        () -> now,
        nanos -> {
          slept.add(nanos);
          now += nanos + lateness;
        });
  }

  @Test
  void whoWakesTooLateIsWokenEarlier() {
    Due worker = new Due(0);
    Rest rest = rest(worker);
    for (int i = 0; i < 200; i++) {
      worker.at = now + 1000 * MICRO;
      assertThat(rest.isTaken()).isTrue();
      assertThat(now).as("time " + i).isLessThanOrEqualTo(worker.at + MICRO);
      now = worker.at;
    }
    assertThat(slept.getLast()).as("once it is known").isBetween(925 * MICRO, 945 * MICRO);
  }

  @Test
  void aMachineThatWakesLaterIsLearntOf() {
    Due worker = new Due(0);
    Rest rest = rest(worker);
    lateness = 300 * MICRO;
    int late = 0;
    for (int i = 0; i < 100; i++) {
      worker.at = now + 1000 * MICRO;
      assertThat(rest.isTaken()).isTrue();
      late += now > worker.at ? 1 : 0;
      now = Math.max(now, worker.at);
    }
    assertThat(late).as("of 100").isLessThan(30);
    assertThat(slept.getLast()).isBetween(680 * MICRO, 710 * MICRO);
  }

  @Test
  void nobodySleepsWhileSomethingIsOutOrSoonDue() {
    Due soon = new Due(now + 10_000 * MICRO);
    Due other = new Due(now + 50 * MICRO);
    Rest rest = rest(soon, other);
    assertThat(rest.isTaken()).as("due in 50 us").isFalse();
    other.at = now + 10_000 * MICRO;
    other.isOut = true;
    assertThat(rest.isTaken()).as("something is out").isFalse();
    assertThat(slept).isEmpty();
    other.isOut = false;
    assertThat(rest.isTaken()).isTrue();
    assertThat(slept.getFirst()).isLessThan(Rest.MOST_NANOS);
    assertThat(soon.rested).isEqualTo(slept.getFirst());
    assertThat(other.rested).isEqualTo(slept.getFirst());
  }

  @Test
  void aStallOfTheMachineDoesNotEndAllSleep() {
    Due worker = new Due(now + 10_000 * MICRO);
    Rest rest = rest(worker);
    lateness = 1_000_000 * MICRO;
    assertThat(rest.isTaken()).isTrue();
    lateness = 60 * MICRO;
    int taken = 0;
    for (int i = 0; i < 20; i++) {
      worker.at = now + 10_000 * MICRO;
      taken += rest.isTaken() ? 1 : 0;
    }
    assertThat(taken).isEqualTo(20);
  }
}
