package sluice.nvme;

import sluice.nvme.spec.Status;

/** A command that the drive completed with an error. */
public class CommandFailedException extends NvmeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * @param what the command, and what it was about
   * @param status as {@link Status} decodes it
   */
  public CommandFailedException(String what, int status) {
    super(what + " failed: " + Status.format(status));
    this.status = status;
  }

  /**
   * For a command whose statuses mean something of their own.
   *
   * @param message a sentence that says what failed, and why
   */
  protected CommandFailedException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** The status field, 15 bits; see {@link Status}. */
  public final int status() {
    return status;
  }
}
