package sluice.vfio.kernel;

import sluice.support.SluiceException;

/** A function that cannot be had from Linux: the message says why, and what to do about it. */
public final class VfioException extends SluiceException {
  private static final long serialVersionUID = 1L;

  public VfioException(String message) {
    super(message);
  }

  public VfioException(String message, Throwable cause) {
    super(message, cause);
  }
}
