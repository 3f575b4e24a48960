package sluice.nvme;

/**
 * A controller that refuses a queue pair and keeps half of it: identifier and memory of the queue
 * are the controller's until it is reset.
 */
public final class StuckQueueException extends NvmeException {
  private static final long serialVersionUID = 1L;

  public StuckQueueException(String message, Throwable cause) {
    super(message, cause);
  }
}
