package sluice.bench.anatomy;

import java.util.Arrays;

/** What it takes to look at {@link System#nanoTime}, which is in every time that it measures. */
public final class ClockCost {
  private static final int ROUNDS = 2000;
  private static final int LOOKS = 200;

  private ClockCost() {}

  /**
   * Measures it for some 20 ms: the median of rounds, once compilers have settled.
   *
   * @return nanoseconds of one look
   */
  public static double measure() {
    double[] rounds = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      long begin = System.nanoTime();
      long end = begin;
      for (int look = 0; look < LOOKS; look++) {
        end = System.nanoTime();
      }
      rounds[i] = (double) (end - begin) / LOOKS;
    }
    double[] settled = Arrays.copyOfRange(rounds, ROUNDS / 2, ROUNDS);
    Arrays.sort(settled);
    return settled[settled.length / 2];
  }
}
