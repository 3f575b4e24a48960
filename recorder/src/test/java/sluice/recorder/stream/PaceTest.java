package sluice.recorder.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PaceTest {
  @Test
  void startsWhenItIsFirstAsked() {
    AtomicLong ticks = new AtomicLong(-500);
    Pace pace = new Pace(1000, ticks::get);
    assertThat(pace.elapsed()).isZero();
    ticks.set(2_500_000_000L);
    assertThat(pace.elapsed()).isEqualTo(2_500_000_500L);
  }

  @Test
  void isExactAtAnyRateAndTime() {
    SplittableRandom random = new SplittableRandom(11);
    for (int i = 0; i < 10_000; i++) {
      long rate = random.nextLong(1, Pace.MAX_BYTES_PER_SECOND + 1);
      long nanos = random.nextLong(30_000_000_000_000_000L);
      long exact =
          BigInteger.valueOf(rate)
              .multiply(BigInteger.valueOf(nanos))
              .divide(BigInteger.valueOf(1_000_000_000))
              .longValueExact();
      // Two parts are each rounded down, but only one of them has a fraction.
      assertThat(new Pace(rate, () -> 0).due(nanos))
          .as("%d B/s, %d ns", rate, nanos)
          .isEqualTo(exact);
    }
  }

  @Test
  void refusesTheImpossible() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Pace(0, () -> 0))
        .withMessage("impossible rate: 0 B/s; it must be from 1 B/s to 100 GB/s");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Pace(2_000_000_000_000L, () -> 0))
        .withMessage("impossible rate: 2 TB/s; it must be from 1 B/s to 100 GB/s");
  }
}
