package sluice.nvme.tcp.pdu;

import sluice.support.memory.OffHeap;

/**
 * Data of a command: H2CData and C2HData (sections 3.6.2.9 and 3.6.2.10).
 *
 * <pre>
 *        31                  16 15                   0
 *  0x08 |   TTAG (H2CData)     |        CCCID         |
 *  0x0c |             DATAO: where in the data        |
 *  0x10 |             DATAL: bytes                    |
 *  0x14 |             reserved                        |
 * </pre>
 */
public final class DataPdu {
  /** Bytes of the header. */
  public static final int HEADER_BYTES = 24;

  private static final int COMMAND = 8;
  private static final int OFFSET = 12;
  private static final int LENGTH = 16;
  private static final int RESERVED = 20;

  private DataPdu() {}

  /**
   * Writes what is of this kind, behind the common header.
   *
   * @param tag of the R2T that it answers; 0 from a controller
   */
  public static void put(long pdu, int commandId, int tag, int offset, int length) {
    OffHeap.putInt(pdu + COMMAND, commandId | tag << 16);
    OffHeap.putInt(pdu + OFFSET, offset);
    OffHeap.putInt(pdu + LENGTH, length);
    OffHeap.putInt(pdu + RESERVED, 0);
  }

  /** CCCID: the command's identifier. */
  public static int commandId(long pdu) {
    return OffHeap.getInt(pdu + COMMAND) & 0xffff;
  }

  /** TTAG: the tag of the R2T that it answers. */
  public static int tag(long pdu) {
    return OffHeap.getInt(pdu + COMMAND) >>> 16;
  }

  /** DATAO: where in the command's data this is, 0 to 2^32 - 1. */
  public static long offset(long pdu) {
    return Integer.toUnsignedLong(OffHeap.getInt(pdu + OFFSET));
  }

  /** DATAL: bytes of data, 0 to 2^32 - 1. */
  public static long length(long pdu) {
    return Integer.toUnsignedLong(OffHeap.getInt(pdu + LENGTH));
  }
}
