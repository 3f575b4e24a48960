package sluice.nvme.tcp.pdu;

/**
 * The controller is ready for a part of a command's data: R2T (section 3.6.2.8).
 *
 * <pre>
 *        31                  16 15                   0
 *  0x08 |        TTAG          |        CCCID         |
 *  0x0c |             R2TO: where in the data         |
 *  0x10 |             R2TL: bytes                     |
 *  0x14 |             reserved                        |
 * </pre>
 */
public final class ReadyPdu {
  /** Bytes of the PDU, which is all header. */
  public static final int BYTES = 24;

  private ReadyPdu() {}

  /**
   * Writes what is of this kind, behind the common header.
   *
   * @param tag comes back with the data
   */
  public static void put(long pdu, int commandId, int tag, int offset, int length) {
    DataPdu.put(pdu, commandId, tag, offset, length);
  }

  /** CCCID: the command's identifier. */
  public static int commandId(long pdu) {
    return DataPdu.commandId(pdu);
  }

  /** TTAG: comes back with the data. */
  public static int tag(long pdu) {
    return DataPdu.tag(pdu);
  }

  /** R2TO: where in the command's data it begins, 0 to 2^32 - 1. */
  public static long offset(long pdu) {
    return DataPdu.offset(pdu);
  }

  /** R2TL: bytes, 0 to 2^32 - 1. */
  public static long length(long pdu) {
    return DataPdu.length(pdu);
  }
}
