package sluice.vfio.user;

/** The other end of a connection is not there, does not answer, or talks nonsense. */
public final class VfioUserException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public VfioUserException(String message) {
    super(message);
  }

  public VfioUserException(String message, Throwable cause) {
    super(message, cause);
  }
}
