package sluice.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The interval of a factor, against what combinatorics says, and against drawn samples. */
class ShiftTest {
  private final long seed = Long.getLong("sluice.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @Test
  void tooFewValuesHaveNoInterval() {
    List<Double> some = List.of(1.0, 2.0, 3.0);
    assertThat(Shift.between(some, some, 0.5)).isEmpty();
    List<Double> four = List.of(1.0, 2.0, 3.0, 4.0);
    // The most extreme of 70 orders, to either side.
    assertThat(Shift.between(four, four, 2 / 70.0 - 1e-9)).isEmpty();
    assertThat(Shift.between(four, four, 2 / 70.0 + 1e-9)).isPresent();
  }

  @Test
  void theNumberOfValuesThatAreNeededIsTold() {
    assertThat(Shift.needed(2 / 70.0 + 1e-9)).isEqualTo(4);
    assertThat(Shift.needed(2 / 70.0 - 1e-9)).isEqualTo(5);
    assertThat(Shift.needed(2 / 252.0 + 1e-9)).isEqualTo(5);
    assertThat(Shift.needed(0.05 / 100)).isEqualTo(8);
  }

  @Test
  void atTheFewestValuesTheIntervalIsOfAllQuotients() {
    Shift shift =
        Shift.between(List.of(100.0, 101.0, 102.0, 104.0), List.of(90.0, 91.0, 92.0, 93.0), 0.03)
            .orElseThrow();
    assertThat(shift.least()).isEqualTo(90.0 / 104);
    assertThat(shift.most()).isEqualTo(93.0 / 100);
    assertThat(shift.factor()).isBetween(shift.least(), shift.most());
  }

  @Test
  void moreValuesMakeTheIntervalNarrow() {
    List<Double> before = IntStream.range(0, 30).mapToObj(i -> 100 + i % 10 * 1.0).toList();
    List<Double> after = before.stream().map(value -> value * 0.9).toList();
    Shift shift = Shift.between(before, after, 0.01).orElseThrow();
    assertThat(shift.factor()).isCloseTo(0.9, within(1e-9));
    assertThat(shift.most()).isLessThan(0.95);
    assertThat(shift.least()).isGreaterThan(0.85);
  }

  @Test
  void equalValuesAndZeroesAreTaken() {
    List<Double> zeroes = List.of(0.0, 0.0, 0.0, 0.0, 0.0);
    List<Double> ones = List.of(1.0, 1.0, 1.0, 1.0, 1.0);
    assertThat(Shift.between(zeroes, zeroes, 0.05)).contains(new Shift(1, 1, 1));
    assertThat(Shift.between(ones, zeroes, 0.05)).contains(new Shift(0, 0, 0));
    Shift fromNothing = Shift.between(zeroes, ones, 0.05).orElseThrow();
    assertThat(fromNothing.least()).isEqualTo(Double.POSITIVE_INFINITY);
    Shift both = Shift.between(List.of(0.0, 0.0, 1.0, 1.0), ones, 0.05).orElseThrow();
    assertThat(List.of(both.factor(), both.least(), both.most())).noneMatch(d -> d.isNaN());
  }

  /** Not one in twenty, whatever the values look like: normal, with far outliers, of few kinds. */
  @Test
  void ofEqualThingsTheIntervalSeldomLeavesOutOne() {
    for (int kind = 0; kind < 3; kind++) {
      int wrong = 0;
      int tries = 2000;
      for (int i = 0; i < tries; i++) {
        Optional<Shift> shift = Shift.between(sample(kind, 1), sample(kind, 1), 0.05);
        wrong += shift.orElseThrow().least() > 1 || shift.orElseThrow().most() < 1 ? 1 : 0;
      }
      // Three standard deviations above the level.
      assertThat(wrong).as("kind %d, seed %d", kind, seed).isLessThan(tries / 20 + 30);
    }
  }

  @Test
  void theIntervalHoldsTheTrueFactor() {
    int missed = 0;
    int tries = 1000;
    for (int i = 0; i < tries; i++) {
      Shift shift = Shift.between(sample(0, 1), sample(0, 0.7), 0.05).orElseThrow();
      missed += shift.least() > 0.7 || shift.most() < 0.7 ? 1 : 0;
    }
    assertThat(missed).as("seed %d", seed).isLessThan(tries / 20 + 21);
  }

  private List<Double> sample(int kind, double factor) {
    List<Double> values = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      double noise = random.nextGaussian();
      values.add(
          factor
              * switch (kind) {
                case 0 -> Math.exp(0.05 * noise);
                case 1 -> Math.exp(Math.abs(noise) > 1 ? noise : 0.01 * noise);
                default -> 1 + random.nextInt(3) / 10.0;
              });
    }
    return values;
  }
}
