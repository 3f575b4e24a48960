package sluice.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import sluice.vfio.Bar;
import sluice.vfio.ConfigSpace;
import sluice.vfio.DmaSpace;
import sluice.vfio.PciFunction;

class WaitingTest {
  private static final Duration TIMEOUT = Duration.ofMillis(10);

  private final Turns function = new Turns();
  private long now;
  private long tick;

  private final Waiting waiting =
      new Waiting(
          function,
          ControllerOptions.defaults().withNanoClock(() -> now += tick).withIdle(() -> work -> {}));

  private boolean hasHadTurns(int wanted) {
    return function.turns >= wanted;
  }

  @Test
  void givesTheFunctionTurnsUntilTheConditionHolds() {
    assertThat(waiting.until(() -> hasHadTurns(5), TIMEOUT)).isTrue();
    assertThat(function.turns).isEqualTo(5);
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
  void endsWhenTheFunctionIsGone() {
    function.present = false;
    assertThatThrownBy(() -> waiting.until(() -> false, TIMEOUT))
        .isInstanceOf(NvmeException.class)
        .hasMessage("fake:0 is gone");
  }

  /** Counts its turns, and has nothing else. */
  private static final class Turns implements PciFunction {
    private int turns;
    private boolean present = true;

    @Override
    public String address() {
      return "fake:0";
    }

    @Override
    public ConfigSpace config() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Bar bar(int index) {
      throw new UnsupportedOperationException();
    }

    @Override
    public DmaSpace dma() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void reset() {
      throw new UnsupportedOperationException();
    }

    @Override
    public int poll() {
      turns++;
      return 0;
    }

    @Override
    public boolean isPresent() {
      return present;
    }

    @Override
    public void close() {}
  }
}
