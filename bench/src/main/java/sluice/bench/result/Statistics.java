package sluice.bench.result;

/**
 * Exact figures of a set of samples, without the samples.
 *
 * @param count how many; all else is 0 when there are none
 * @param min the smallest
 * @param max the largest
 * @param mean their arithmetic mean
 * @param squares the sum of the squared differences from the mean
 */
public record Statistics(long count, long min, long max, double mean, double squares) {

  public static final Statistics NONE = new Statistics(0, 0, 0, 0, 0);

  /** The standard deviation of the sample (by {@code count - 1}); 0 of fewer than two. */
  public double standardDeviation() {
    return count > 1 ? Math.sqrt(squares / (count - 1)) : 0;
  }

  /** The standard error of the mean; 0 of fewer than two samples. */
  public double standardError() {
    return count > 1 ? standardDeviation() / Math.sqrt((double) count) : 0;
  }

  /** The figures of both sets of samples together. */
  public Statistics plus(Statistics other) {
    if (count == 0) {
      return other;
    }
    if (other.count == 0) {
      return this;
    }
    long total = count + other.count;
    double delta = other.mean - mean;
    return new Statistics(
        total,
        Math.min(min, other.min),
        Math.max(max, other.max),
        mean + delta * other.count / total,
        squares + other.squares + delta * delta * ((double) count * other.count / total));
  }

  /**
   * The figures of sums: as if each sample were taken of both at the same time and added. So the
   * rates of jobs that ran side by side are summed, as fio does it; counts are summed too.
   */
  public Statistics alongside(Statistics other) {
    if (count == 0) {
      return other;
    }
    if (other.count == 0) {
      return this;
    }
    return new Statistics(
        count + other.count,
        min + other.min,
        max + other.max,
        mean + other.mean,
        squares + other.squares);
  }
}
