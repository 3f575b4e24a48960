package sluice.virtual.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PatienceTest {
  private final Patience patience = new Patience();

  @Test
  void allWaitsOfATurnAreBoundedTogether() {
    patience.spend(Patience.TURN.toNanos() - 1);
    assertThat(patience.left().toNanos()).isEqualTo(1);
    patience.spend(2);
    assertThat(patience.left()).isZero();
  }

  @Test
  void theNextTurnHasItsOwnTime() {
    patience.spend(Patience.TURN.toNanos());
    patience.begin();
    assertThat(patience.leftNanos()).isEqualTo(Patience.TURN.toNanos());
  }

  @Test
  void whoeverStopsWaitsForNothing() {
    patience.end();
    patience.begin();
    assertThat(patience.isOver()).isTrue();
    assertThat(patience.left()).isZero();
  }
}
