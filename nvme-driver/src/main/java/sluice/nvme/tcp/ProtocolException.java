package sluice.nvme.tcp;

import sluice.nvme.NvmeException;

/** The other end did what the protocol does not allow, or ended the connection. */
final class ProtocolException extends NvmeException {
  private static final long serialVersionUID = 1L;

  /** There is nothing to tell the other end. */
  static final int NO_ERROR = 0;

  private final int error;
  private final int information;

  /**
   * @param message the end of a sentence that begins with the drive's address
   * @param error what the other end is told ({@link sluice.nvme.tcp.pdu.TerminationPdu}), or {@link
   *     #NO_ERROR}
   * @param information where in its PDU
   */
  ProtocolException(String message, int error, int information) {
    super(message);
    this.error = error;
    this.information = information;
  }

  int error() {
    return error;
  }

  int information() {
    return information;
  }
}
