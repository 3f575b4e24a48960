package sluice.qemu;

import sluice.support.SluiceException;

/**
 * QEMU is missing, did not start, ended, did not answer in time, or refused a request. The message
 * has QEMU's own words where there are any.
 */
public final class QemuException extends SluiceException {
  private static final long serialVersionUID = 1L;

  public QemuException(String message) {
    super(message);
  }

  public QemuException(String message, Throwable cause) {
    super(message, cause);
  }
}
