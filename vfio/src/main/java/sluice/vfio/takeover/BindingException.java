package sluice.vfio.takeover;

import sluice.support.SluiceException;

/** A function that did not change hands: the message says why. */
public final class BindingException extends SluiceException {
  private static final long serialVersionUID = 1L;

  public BindingException(String message) {
    super(message);
  }

  public BindingException(String message, Throwable cause) {
    super(message, cause);
  }
}
