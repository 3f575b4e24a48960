package sluice.nvme.tcp;

import sluice.nvme.CommandFailedException;
import sluice.nvme.spec.ConnectStatus;

/** A controller, or its subsystem, does not let a queue connect. */
final class RefusedException extends CommandFailedException {
  private static final long serialVersionUID = 1L;

  /** Of the controller's identifier in the data of a Connect. */
  private static final int CNTLID = 16;

  private final int result;

  /**
   * @param result dword 0 of the completion
   */
  RefusedException(String message, int status, int result) {
    super(status, message);
    this.result = result;
  }

  /** Whether there is no controller of the number that the queue is for. */
  boolean isOfController() {
    return (status() & 0x7ff) == ConnectStatus.INVALID_PARAMETERS
        && result == ConnectStatus.inData(CNTLID);
  }
}
