package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SignalsTest {
  private long nanos = 77;
  private int ends;
  private int aborts;
  private final Signals signals = new Signals(() -> ends++, () -> aborts++, () -> nanos);

  @Test
  void theFirstEndsTheWorkAndTheSecondTheProcess() {
    signals.received();
    assertThat(ends).isOne();
    assertThat(aborts).isZero();
    nanos += 500_000_001;
    signals.received();
    assertThat(ends).isOne();
    assertThat(aborts).isOne();
  }

  @Test
  void oneThatFollowsWithinHalfASecondIsTheSameOne() {
    signals.received();
    signals.received();
    nanos += 500_000_000;
    signals.received();
    assertThat(ends).isOne();
    assertThat(aborts).isZero();
  }
}
