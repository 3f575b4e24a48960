package sluice.bench.cliff;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PlateausTest {
  private final long seed = Long.getLong("sluice.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  /** Steps of levels with noise: pairs of a length and a time. */
  private double[] steps(double noise, double... levels) {
    int length = 0;
    for (int i = 0; i < levels.length; i += 2) {
      length += (int) levels[i];
    }
    double[] times = new double[length];
    int at = 0;
    for (int i = 0; i < levels.length; i += 2) {
      for (int step = 0; step < levels[i]; step++) {
        times[at++] = levels[i + 1] * Math.exp(noise * random.nextGaussian());
      }
    }
    return times;
  }

  @Test
  void anEdgeIsFoundWhereItIs() {
    for (int edge : new int[] {40, 100, 777, 1960}) {
      double[] times = steps(0, edge, 1_000, 2_000 - edge, 9_000);
      assertThat(Plateaus.begins(times)).containsExactly(0, edge);
    }
  }

  @Test
  void noiseMovesItByAStepAtMost() {
    for (int round = 0; round < 100; round++) {
      int edge = random.nextInt(50, 1950);
      double[] times = steps(0.15, edge, 1_000, 2_000 - edge, 3_000);
      assertThat(Plateaus.begins(times)).as("seed %d", seed).hasSize(2);
      assertThat(Plateaus.begins(times).get(1)).as("seed %d", seed).isBetween(edge - 1, edge + 1);
    }
  }

  @Test
  void noiseAloneIsNoEdge() {
    for (int round = 0; round < 100; round++) {
      assertThat(Plateaus.begins(steps(0.3, 2_000, 1_000))).as("seed %d", seed).containsExactly(0);
    }
  }

  @Test
  void pausesAreNoEdges() {
    double[] times = steps(0.05, 600, 1_000, 1_400, 4_000);
    for (int at = 7; at < times.length; at += 40) {
      times[at] += 200_000;
    }
    assertThat(Plateaus.begins(times)).containsExactly(0, 600);
  }

  @Test
  void threeLevelsAreThree() {
    double[] times = steps(0.1, 500, 1_000, 700, 2_500, 800, 8_000);
    assertThat(Plateaus.begins(times)).as("seed %d", seed).hasSize(3);
    assertThat(Plateaus.begins(times).get(1)).isBetween(499, 501);
    assertThat(Plateaus.begins(times).get(2)).isBetween(1_199, 1_201);
  }

  @Test
  void fewStepsOrNoneAreOneLevel() {
    assertThat(Plateaus.begins(new double[0])).containsExactly(0);
    assertThat(Plateaus.begins(new double[] {1})).containsExactly(0);
    assertThat(Plateaus.begins(new double[] {1, 9, 1, 9, 1})).containsExactly(0);
  }
}
