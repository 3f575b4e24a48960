package sluice.bench.result;

/**
 * What the check of read data found.
 *
 * @param blocks blocks that were looked at; 0 when the job verifies nothing
 * @param failures blocks that were not as written
 * @param firstFailure the first of them in a line: where, and what differs; empty without failures
 */
public record VerifyResult(long blocks, long failures, String firstFailure) {

  public static final VerifyResult NONE = new VerifyResult(0, 0, "");

  public VerifyResult plus(VerifyResult other) {
    return new VerifyResult(
        blocks + other.blocks,
        failures + other.failures,
        firstFailure.isEmpty() ? other.firstFailure : firstFailure);
  }
}
