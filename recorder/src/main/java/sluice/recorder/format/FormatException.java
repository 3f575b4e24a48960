package sluice.recorder.format;

/** What a drive holds cannot be what it should be; the message is one line that says what. */
public final class FormatException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public FormatException(String message) {
    super(message);
  }
}
