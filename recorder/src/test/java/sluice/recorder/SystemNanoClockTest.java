package sluice.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SystemNanoClockTest {
  @Test
  void followsTheSystemClock() {
    SystemNanoClock clock = new SystemNanoClock();
    for (int i = 0; i < 1000; i++) {
      long before = System.currentTimeMillis() - 3;
      long now = clock.nanos();
      long after = System.currentTimeMillis() + 3;
      assertThat(now).isBetween(before * 1_000_000, after * 1_000_000);
    }
  }
}
