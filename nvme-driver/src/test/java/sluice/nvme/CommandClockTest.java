package sluice.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CommandClockTest {
  private static final long TIMEOUT = 4_000;
  private static final long EPOCH = 1_000;

  private long now = 77;
  private final CommandClock clock = new CommandClock(2, TIMEOUT, () -> now);

  @Test
  void anEpochIsAQuarterOfTheTimeout() {
    now += EPOCH - 1;
    assertThat(clock.beginsEpoch()).isFalse();
    now += 1;
    assertThat(clock.beginsEpoch()).isTrue();
    assertThat(clock.beginsEpoch()).isFalse();
  }

  @Test
  void aCommandIsOverdueAfterTheTimeoutAndNotBefore() {
    clock.stamp(0);
    long sent = now;
    while (!clock.isOverdue(0)) {
      now += 10;
      clock.beginsEpoch();
    }
    assertThat(now - sent).isBetween(TIMEOUT, TIMEOUT + 2 * EPOCH);
  }

  @Test
  void aQueueThatLayIdleDoesNotAgeItsNextCommand() {
    now += 1_000 * TIMEOUT;
    clock.stamp(0);
    assertThat(clock.beginsEpoch()).isTrue();
    assertThat(clock.isOverdue(0)).isFalse();
  }

  @Test
  void looksAtTheDeviceEverySixtyFourTurnsWithoutProgress() {
    for (int turn = 1; turn < 64; turn++) {
      assertThat(clock.isTimeToLook()).isFalse();
    }
    assertThat(clock.isTimeToLook()).isTrue();
    clock.isTimeToLook();
    clock.progress();
    for (int turn = 1; turn < 64; turn++) {
      assertThat(clock.isTimeToLook()).isFalse();
    }
    assertThat(clock.isTimeToLook()).isTrue();
  }

  @Test
  void looksAtTheDeviceNowAndThenHoweverMuchCompletes() {
    for (int turn = 1; turn < 256; turn++) {
      clock.progress();
      assertThat(clock.isTimeToLook()).isFalse();
    }
    clock.progress();
    assertThat(clock.isTimeToLook()).isTrue();
    clock.progress();
    assertThat(clock.isTimeToLook()).isFalse();
  }

  @Test
  void looksAtOnceWhenTimeWentByWithoutATurn() {
    clock.lookNext();
    assertThat(clock.isTimeToLook()).isTrue();
    assertThat(clock.isTimeToLook()).isFalse();
  }
}
