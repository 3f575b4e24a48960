package sluice.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.bench.compare.Difference.Verdict;
import sluice.bench.result.RoundFigure;

/** How often verdicts are wrong and right, on runs that are drawn at random. */
class VerdictsTest {
  private static final int TRIES = 300;

  /** Three standard deviations above five of a hundred. */
  private static final double MOST = TRIES * 0.05 + 3 * Math.sqrt(TRIES * 0.05 * 0.95);

  private static final int ROUNDS = 7;
  private static final int JOBS = 4;

  @TempDir Path folder;

  private final long seed = Long.getLong("sluice.seed", System.nanoTime());
  private final Random random = new Random(seed);

  /** How rounds of a run scatter. */
  private enum Noise {
    /** Around the run's own mean. */
    NORMAL,
    /** One round in eight is far off. */
    OUTLIERS,
    /** The first round is slow. */
    COLD_START,
    /** Figures are of few values, and many are equal. */
    COARSE,
  }

  @Test
  void ofIdenticalRunsFewerThanOneComparisonInTwentyHasAFalseVerdict() throws IOException {
    for (Noise noise : Noise.values()) {
      // Without a tolerance: the intervals alone must do it.
      int wrong = falseVerdicts(noise, 0, 0);
      assertThat((double) wrong).as("%s, seed %d", noise, seed).isLessThan(MOST);
    }
  }

  @Test
  void whatRunsDifferByThemselvesIsWithinTheTolerance() throws IOException {
    int wrong = falseVerdicts(Noise.NORMAL, 0.015, Comparison.TOLERANCE);
    assertThat(wrong).as("seed %d", seed).isLessThan(TRIES / 20);
  }

  private int falseVerdicts(Noise noise, double byRun, double tolerance) throws IOException {
    int wrong = 0;
    for (int i = 0; i < TRIES; i++) {
      Path a = run("a.json", noise, 1, byRun);
      Path b = run("b.json", noise, 1, byRun);
      Comparison comparison = Comparison.of(List.of(a), List.of(b), tolerance);
      wrong +=
          comparison.differences().stream()
                  .map(Difference::verdict)
                  .anyMatch(verdict -> verdict == Verdict.BETTER || verdict == Verdict.WORSE)
              ? 1
              : 0;
    }
    return wrong;
  }

  @Test
  void aLossOfATenthIsFoundInNineteenOfTwenty() throws IOException {
    int found = 0;
    for (int i = 0; i < TRIES; i++) {
      Path a = run("a.json", Noise.NORMAL, 1, 0.003);
      Path b = run("b.json", Noise.NORMAL, 0.9, 0.003);
      Comparison comparison = Comparison.of(List.of(a), List.of(b), Comparison.TOLERANCE);
      found +=
          comparison.differences().stream()
                  .filter(difference -> difference.figure() == RoundFigure.IOPS)
                  .allMatch(difference -> difference.verdict() == Verdict.WORSE)
              ? 1
              : 0;
    }
    assertThat(found).as("seed %d", seed).isGreaterThan(TRIES * 95 / 100);
  }

  private Path run(String name, Noise noise, double factor, double byRun) throws IOException {
    String[] jobs = new String[JOBS];
    double own = factor * Math.exp(byRun * random.nextGaussian());
    for (int job = 0; job < JOBS; job++) {
      List<Double> iops = new ArrayList<>();
      List<Double> nanos = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        double value = own * scattered(noise, round);
        iops.add(100_000 * value);
        nanos.add(noise == Noise.COARSE ? Math.rint(8 / value) : 80_000 / value);
      }
      jobs[job] = Reports.rounds("job" + job, iops, nanos);
    }
    return Files.writeString(folder.resolve(name), Reports.root(jobs));
  }

  private double scattered(Noise noise, int round) {
    double normal = Math.exp(0.005 * random.nextGaussian());
    return switch (noise) {
      case NORMAL -> normal;
      case OUTLIERS -> random.nextInt(8) == 0 ? normal * (0.3 + random.nextDouble()) : normal;
      case COLD_START -> round == 0 ? normal * 0.6 : normal;
      case COARSE -> Math.exp(0.1 * random.nextGaussian());
    };
  }
}
