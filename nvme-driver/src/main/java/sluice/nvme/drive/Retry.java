package sluice.nvme.drive;

/**
 * The attempts of a request that is on its way, or is to be made again. Nothing waits: the owner
 * asks {@link #isDue}. Used by one thread.
 */
public final class Retry {
  private int failures;
  private long firstFailure;
  private long notBefore;

  /** It is a new request, or this one has succeeded. */
  public void reset() {
    failures = 0;
  }

  /**
   * It has failed.
   *
   * @return whether it is to be tried again, when {@link #isDue}
   */
  public boolean failed(Drive drive, int status, long now) {
    firstFailure = failures++ == 0 ? now : firstFailure;
    long wait = RetryRule.waitNanos(drive, status, failures, now - firstFailure);
    notBefore = now + wait;
    return wait != RetryRule.GIVE_UP;
  }

  /** Whether it is time for the next attempt; always for the first. */
  public boolean isDue(long now) {
    return failures == 0 || now - notBefore >= 0;
  }
}
