package sluice.nvme.tcp.pdu;

import sluice.support.SluiceException;

/** The other end of a connection did what the protocol does not allow, or has ended it. */
public final class PduException extends SluiceException {
  private static final long serialVersionUID = 1L;

  /** There is nothing to tell the other end. */
  public static final int NO_ERROR = 0;

  private final int error;
  private final int information;

  /**
   * @param message the end of a sentence that begins with who it was
   * @param error what the other end is told, one of {@link TerminationPdu}'s, or {@link #NO_ERROR}
   * @param information where in its PDU
   */
  public PduException(String message, int error, int information) {
    super(message);
    this.error = error;
    this.information = information;
  }

  /** What the other end is told: FES. */
  public int error() {
    return error;
  }

  /** Where in its PDU: FEI. */
  public int information() {
    return information;
  }
}
