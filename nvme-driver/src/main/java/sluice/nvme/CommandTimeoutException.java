package sluice.nvme;

import java.time.Duration;

/** A command that the drive did not complete within its deadline. */
public final class CommandTimeoutException extends NvmeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param what the command
   * @param timeout how long was waited
   */
  public CommandTimeoutException(String what, Duration timeout) {
    super(what + " did not complete within " + timeout.toMillis() + " ms");
  }
}
