package sluice.bench.pts;

import java.util.List;
import java.util.Locale;

/**
 * How tests are done.
 *
 * @param tests which
 * @param bytes of the active range, from the drive's begin
 * @param purge how the drive is made as new before each test
 * @param roundNanos how long each pattern goes in a round; the specification has a minute
 * @param mostRounds after how many rounds a test ends though the drive is not steady; the
 *     specification has 25
 * @param depth commands that each thread has out at a time; 1 in the test of latency
 * @param threads how many there are; 1 in the test of latency
 * @param preconditions how often the active range is written before each test; the specification
 *     has twice
 */
public record PtsPlan(
    List<PtsTest> tests,
    long bytes,
    Purge purge,
    long roundNanos,
    int mostRounds,
    int depth,
    int threads,
    int preconditions) {
  private static final long MILLISECOND = 1_000_000;

  /** How a drive is made as new. */
  public enum Purge {
    /** Not at all, which the specification does not allow. */
    NONE,
    /** The active range is deallocated. */
    DEALLOCATE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public PtsPlan {
    tests = List.copyOf(tests);
    if (tests.isEmpty() || roundNanos < MILLISECOND || bytes < 1) {
      throw new IllegalArgumentException("there is a test, and it takes its time and its room");
    }
    if (mostRounds < SteadyWindow.ROUNDS || mostRounds > 1000) {
      throw new IllegalArgumentException(
          "%d to 1000 rounds are possible, not %d".formatted(SteadyWindow.ROUNDS, mostRounds));
    }
    if (depth < 1 || threads < 1 || preconditions < 0 || preconditions > 100) {
      throw new IllegalArgumentException(
          "at least one command of one thread is out, and it is preconditioned 0 to 100 times");
    }
  }
}
