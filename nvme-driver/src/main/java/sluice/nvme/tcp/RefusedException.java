package sluice.nvme.tcp;

import sluice.nvme.CommandFailedException;

/** A controller, or its subsystem, does not let a queue connect. */
final class RefusedException extends CommandFailedException {
  private static final long serialVersionUID = 1L;

  RefusedException(String message, int status) {
    super(status, message);
  }
}
