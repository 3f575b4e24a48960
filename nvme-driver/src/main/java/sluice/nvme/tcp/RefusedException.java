package sluice.nvme.tcp;

import sluice.nvme.NvmeException;

/** A controller, or its subsystem, does not let a queue connect. */
final class RefusedException extends NvmeException {
  private static final long serialVersionUID = 1L;

  RefusedException(String message) {
    super(message);
  }
}
