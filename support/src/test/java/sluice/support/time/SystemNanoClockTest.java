package sluice.support.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class SystemNanoClockTest {
  /** Java's own clock has nanoseconds too; no reading lies outside of the two around it. */
  @Test
  void isTheSystemsClockToTheNanosecond() {
    for (int i = 0; i < 300; i++) {
      SystemNanoClock clock = new SystemNanoClock();
      long before = nanos(Instant.now());
      long now = clock.nanos();
      long after = nanos(Instant.now());
      assertThat(now).isBetween(before, after);
    }
  }

  private static long nanos(Instant time) {
    return time.getEpochSecond() * 1_000_000_000 + time.getNano();
  }
}
