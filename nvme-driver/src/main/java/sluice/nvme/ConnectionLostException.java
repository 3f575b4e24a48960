package sluice.nvme;

/**
 * A transport's connection to the controller has ended, and nothing that was out on it will
 * complete: only a reset brings the controller back. Thrown by transports.
 */
public final class ConnectionLostException extends NvmeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message a sentence that begins with the drive's address
   */
  public ConnectionLostException(String message) {
    super(message);
  }
}
