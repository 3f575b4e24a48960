package sluice.bench.result;

/**
 * A piece of a job's time: a pause of the drive, or a stall of this machine.
 *
 * @param startMillis when it began, after the job's start
 * @param nanos how long it took
 */
public record Span(long startMillis, long nanos) {
  /** How many are kept one by one. */
  public static final int KEPT = 1_000;
}
