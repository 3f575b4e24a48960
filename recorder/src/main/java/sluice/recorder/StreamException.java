package sluice.recorder;

import sluice.support.SluiceException;

/** A stream could not be had, or taken: a file, a peer, or a {@link Feed} was at fault. */
public final class StreamException extends SluiceException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line
   */
  public StreamException(String message) {
    super(message);
  }

  /**
   * @param message one line, which tells enough of the cause
   * @param cause may be null
   */
  public StreamException(String message, Throwable cause) {
    super(message, cause);
  }
}
