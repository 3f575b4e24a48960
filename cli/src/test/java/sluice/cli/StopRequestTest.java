package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StopRequestTest {
  private final StopRequest request = new StopRequest();
  private int stops;

  @Test
  void isPassedOn() {
    request.does(() -> stops++);
    assertThat(stops).isZero();
    request.make();
    assertThat(stops).isOne();
  }

  @Test
  void isKeptUntilThereIsSomethingToStop() {
    request.make();
    request.does(() -> stops++);
    assertThat(stops).isOne();
  }
}
