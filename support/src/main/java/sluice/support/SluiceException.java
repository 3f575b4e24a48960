package sluice.support;

/**
 * What could not be done, for a reason outside of the program: the drive, the system, a peer. Its
 * message is one line for a person. Each room has its own subclasses, by which a caller can act;
 * who only wants to know that it did not work catches this. Arguments that no program should give
 * are {@link IllegalArgumentException}s all the same.
 */
public abstract class SluiceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line
   */
  protected SluiceException(String message) {
    super(message);
  }

  /**
   * @param message one line, which tells enough of the cause
   * @param cause may be null
   */
  protected SluiceException(String message, Throwable cause) {
    super(message, cause);
  }
}
