package sluice.vfio;

import sluice.support.SluiceException;

/** A function that cannot be reset, or whose reset failed: what it does now is not known. */
public final class ResetFailedException extends SluiceException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line: which function, and why
   */
  public ResetFailedException(String message) {
    super(message);
  }

  /**
   * @param message one line: which function, and why
   * @param cause what failed
   */
  public ResetFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
