package sluice.bench.result;

/**
 * What was done before a run's first I/O so that the compiler's work is not in its figures.
 *
 * @param nanos how long it took; 0 if it was not done
 * @param isSteady whether the rate of the jobs stood still at its end
 */
public record WarmUp(long nanos, boolean isSteady) {
  public static final WarmUp NONE = new WarmUp(0, false);
}
