package sluice.recorder.format;

import sluice.support.SluiceException;

/** What a drive holds cannot be what it should be; the message is one line that says what. */
public final class FormatException extends SluiceException {
  private static final long serialVersionUID = 1;

  public FormatException(String message) {
    super(message);
  }
}
