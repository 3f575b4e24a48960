package sluice.bench.result;

/**
 * Takes samples one by one and keeps their exact figures (Welford's way, which does not lose
 * digits). One thread writes; {@link #result} is for when it has ended, or for that thread.
 */
public final class RunningStatistics {
  private long count;
  private long min = Long.MAX_VALUE;
  private long max = Long.MIN_VALUE;
  private double mean;
  private double squares;

  public void add(long value) {
    count++;
    if (value < min) {
      min = value;
    }
    if (value > max) {
      max = value;
    }
    double delta = value - mean;
    mean += delta / count;
    squares += delta * (value - mean);
  }

  public long count() {
    return count;
  }

  /** Forgets all samples: a ramp has ended. */
  public void reset() {
    count = 0;
    min = Long.MAX_VALUE;
    max = Long.MIN_VALUE;
    mean = 0;
    squares = 0;
  }

  public Statistics result() {
    return count == 0 ? Statistics.NONE : new Statistics(count, min, max, mean, squares);
  }
}
