package sluice.nvme.drive;

import java.util.concurrent.TimeUnit;
import sluice.nvme.spec.Status;
import sluice.nvme.spec.StatusCode;
import sluice.nvme.spec.StatusType;

/**
 * When a request that the drive has failed is tried again: one rule for all of them.
 *
 * <ul>
 *   <li>What is not to be retried (DNR, a wrong request) is not.
 *   <li>A place that cannot be read or written is tried three times more, soon: a fourth time
 *       rarely helps.
 *   <li>What a reset of the controller has ended, because the way to it was lost or because it did
 *       not answer, is tried again for two minutes, and three times at least: a reset may take
 *       longer than all other faults last, and has succeeded when this is told.
 *   <li>All else passes with time (not ready, a lost path), and is tried again for 10 seconds: at
 *       once, then after 1 ms, 2 ms, 4 ms and so on, 250 ms at the most.
 *   <li>A drive that says how long to wait (Command Retry Delay, NVMe 1.4, section 4.6.1) is taken
 *       at its word.
 * </ul>
 */
public final class RetryRule {
  /** The answer that says: not any more. */
  public static final long GIVE_UP = -1;

  /** How long most is tried, from its first failure on. */
  public static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final long RESET_LIMIT_NANOS = TimeUnit.MINUTES.toNanos(2);
  private static final int RESET_RETRIES = 3;
  private static final int BAD_PLACE_RETRIES = 3;
  private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final int LONGEST_SHIFT = 8;

  private RetryRule() {}

  /**
   * @param drive that failed it
   * @param status how
   * @param failures how often this request has failed until now, 1 or more
   * @param sinceFirstNanos how long ago it failed for the first time
   * @return nanoseconds to wait before the next attempt, or {@link #GIVE_UP}
   */
  public static long waitNanos(Drive drive, int status, int failures, long sinceFirstNanos) {
    if (!Status.isRetryable(status)
        || isTooLate(status, failures, sinceFirstNanos)
        || (isBadPlace(status) && failures > BAD_PLACE_RETRIES)) {
      return GIVE_UP;
    }
    if (Status.crd(status) != 0) {
      long told = drive.retryDelayNanos(Status.crd(status));
      if (told > 0) {
        return Math.min(told, LIMIT_NANOS);
      }
    }
    return failures == 1
        ? 0
        : Math.min(LONGEST_NANOS, SHORTEST_NANOS << Math.min(failures - 2, LONGEST_SHIFT));
  }

  private static boolean isTooLate(int status, int failures, long sinceFirstNanos) {
    return status == StatusCode.ABORTED_BY_HOST.status()
        ? failures > RESET_RETRIES && sinceFirstNanos >= RESET_LIMIT_NANOS
        : sinceFirstNanos >= LIMIT_NANOS;
  }

  /** Whether a status speaks of the place that was to be read or written, and of no other. */
  public static boolean isBadPlace(int status) {
    return Status.sct(status) == StatusType.MEDIA.sct();
  }
}
