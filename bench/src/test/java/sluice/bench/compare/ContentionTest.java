package sluice.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.bench.result.RoundFigure;

class ContentionTest {
  private static final List<Double> SAME = List.of(100.0, 100.0, 100.0);
  private static final List<Double> IDLE = List.of(1.0, 1.0, 1.0);
  private static final List<Double> HALF = List.of(0.5, 0.5, 0.5);
  private static final List<Double> VARYING = List.of(0.25, 0.5, 1.0);

  @Test
  void whereNothingIsKnownNothingIsExplained() {
    assertThat(Contention.factor(SAME, List.of(), SAME, List.of())).isEqualTo(1);
  }

  @Test
  void halfTheShareExplainsHalfTheRateToBothSides() {
    assertThat(Contention.factor(SAME, IDLE, SAME, HALF)).isEqualTo(2);
    assertThat(Contention.factor(SAME, HALF, SAME, IDLE)).isEqualTo(2);
    assertThat(Contention.factor(SAME, List.of(), SAME, HALF)).isEqualTo(2);
    assertThat(Contention.factor(SAME, HALF, SAME, HALF)).isEqualTo(1);
  }

  @Test
  void aFigureThatStaysWhileTheShareChangesDoesNotDependOnIt() {
    assertThat(Contention.factor(SAME, IDLE, SAME, VARYING)).isEqualTo(1);
    List<Double> nearly = List.of(100.0, 101.0, 102.0);
    assertThat(Contention.factor(SAME, IDLE, nearly, VARYING)).isBetween(1.0, 1.02);
  }

  @Test
  void aFigureThatGoesWithTheShareDependsOnIt() {
    List<Double> rates = List.of(25.0, 50.0, 100.0);
    assertThat(Contention.factor(SAME, IDLE, rates, VARYING)).isCloseTo(2, within(1e-9));
    List<Double> more = List.of(1.0, 10.0, 100.0);
    assertThat(Contention.factor(SAME, IDLE, more, VARYING)).isEqualTo(2);
    List<Double> nothing = List.of(0.0, 50.0, 100.0);
    assertThat(Contention.factor(SAME, IDLE, nothing, VARYING)).isEqualTo(2);
    List<Double> zeroes = List.of(0.0, 0.0, 0.0);
    assertThat(Contention.factor(zeroes, VARYING, zeroes, VARYING)).isEqualTo(1);
  }

  @Test
  void oneOddRoundIsNoDependence() {
    List<Double> shares = List.of(0.3, 0.5, 0.9, 0.4, 0.7);
    List<Double> odd = List.of(9.0, 1.0, 1.0, 1.0, 1.0);
    assertThat(Contention.factor(odd, shares, SAME, IDLE)).isEqualTo(1);
  }

  @Test
  void aTailMayBeOfWaitingAlone() {
    List<Double> fiftieth = List.of(0.98, 0.98, 0.98);
    assertThat(Contention.isOfWaiting(RoundFigure.P99, fiftieth)).isTrue();
    assertThat(Contention.isOfWaiting(RoundFigure.P99, List.of(0.995))).isFalse();
    assertThat(Contention.isOfWaiting(RoundFigure.P999, List.of(0.995))).isTrue();
    assertThat(Contention.isOfWaiting(RoundFigure.P999, List.of())).isFalse();
    assertThat(Contention.isOfWaiting(RoundFigure.P50, HALF)).isFalse();
    assertThat(Contention.isOfWaiting(RoundFigure.IOPS, HALF)).isFalse();
  }
}
