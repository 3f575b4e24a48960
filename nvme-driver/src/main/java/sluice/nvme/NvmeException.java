package sluice.nvme;

import sluice.support.SluiceException;

/** A drive that does not do what it should: it is gone, does not answer, or refuses a command. */
public class NvmeException extends SluiceException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line: what was tried, and what came of it
   */
  public NvmeException(String message) {
    super(message);
  }

  /**
   * @param message one line: what was tried, and what came of it
   */
  public NvmeException(String message, Throwable cause) {
    super(message, cause);
  }
}
