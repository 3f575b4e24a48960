package sluice.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WaitingTest {
  private static final Duration TIMEOUT = Duration.ofMillis(10);

  private final TurnCounter transport = new TurnCounter();
  private long now;
  private long tick;

  private final Waiting waiting =
      new Waiting(
          transport,
          ControllerOptions.defaults().withNanoClock(() -> now += tick).withIdle(() -> work -> {}));

  private boolean hasHadTurns(int wanted) {
    return transport.turns >= wanted;
  }

  @Test
  void givesTheTransportTurnsUntilTheConditionHolds() {
    assertThat(waiting.until(() -> hasHadTurns(5), TIMEOUT)).isTrue();
    assertThat(transport.turns).isEqualTo(5);
  }

  @Test
  void endsAtTheDeadline() {
    tick = 1_000_000;
    assertThat(waiting.until(() -> false, TIMEOUT)).isFalse();
    assertThat(now).isBetween(TIMEOUT.toNanos(), 2 * TIMEOUT.toNanos());
  }

  @Test
  void looksOnceMoreWhenThisProcessWasHeldUpBeyondTheDeadline() {
    tick = TIMEOUT.toNanos() * 1000;
    assertThat(waiting.until(() -> hasHadTurns(2), TIMEOUT)).isTrue();
    assertThat(waiting.until(() -> hasHadTurns(100), TIMEOUT)).isFalse();
  }

  @Test
  void endsWhenTheControllerIsGone() {
    transport.present = false;
    assertThatThrownBy(() -> waiting.until(() -> false, TIMEOUT))
        .isInstanceOf(NvmeException.class)
        .hasMessage("fake:0 is gone");
  }

  /** Counts its turns, and has nothing else. */
  private static final class TurnCounter extends NoTransport {
    private int turns;
    private boolean present = true;

    @Override
    public int poll() {
      turns++;
      return 0;
    }

    @Override
    public boolean isPresent() {
      return present;
    }
  }
}
