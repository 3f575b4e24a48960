package sluice.qemu;

/**
 * QEMU is missing, did not start, ended, did not answer in time, or refused a request. The message
 * has QEMU's own words where there are any.
 *
 * <p>No {@link sluice.support.SluiceException}: what guests need is got by the JDK alone, before
 * anything is built.
 */
public final class QemuException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public QemuException(String message) {
    super(message);
  }

  public QemuException(String message, Throwable cause) {
    super(message, cause);
  }
}
