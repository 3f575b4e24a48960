package sluice.vfio.vfiouser;

import sluice.support.SluiceException;

/** The other end of a connection is not there, does not answer, or talks nonsense. */
public final class VfioUserException extends SluiceException {
  private static final long serialVersionUID = 1L;

  public VfioUserException(String message) {
    super(message);
  }

  public VfioUserException(String message, Throwable cause) {
    super(message, cause);
  }
}
