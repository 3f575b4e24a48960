package sluice.recorder;

import sluice.support.SluiceException;

/** A volume has no room for what was to be recorded: in its data, its index or its catalogue. */
public final class DriveFullException extends SluiceException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line
   */
  public DriveFullException(String message) {
    super(message);
  }
}
