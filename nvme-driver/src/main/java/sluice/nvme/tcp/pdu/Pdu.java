package sluice.nvme.tcp.pdu;

import sluice.support.memory.OffHeap;

/**
 * What all PDUs begin with, the common header (section 3.6.1): which kind it is, and where its
 * parts are.
 *
 * <pre>
 *        31       24 23      16 15       8 7        0
 *  0x00 |    PDO    |   HLEN   |  flags   |   type   |
 *  0x04 |                   PLEN                     |
 *
 *  0          8          HLEN            PDO                          PLEN
 *  | common   | of its   | header | pad  | data               | data   |
 *  | header   | kind     | digest |      |                    | digest |
 * </pre>
 *
 * Digests, pad and data are there where the connection, or the kind, has them.
 */
public final class Pdu {
  /** Types. */
  public static final int IC_REQ = 0x00;

  public static final int IC_RESP = 0x01;
  public static final int H2C_TERM_REQ = 0x02;
  public static final int C2H_TERM_REQ = 0x03;
  public static final int CAPSULE_CMD = 0x04;
  public static final int CAPSULE_RESP = 0x05;
  public static final int H2C_DATA = 0x06;
  public static final int C2H_DATA = 0x07;
  public static final int R2T = 0x09;

  /** Flags: a header digest follows the header. */
  public static final int HEADER_DIGEST = 1 << 0;

  /** Flags: a data digest follows the data. */
  public static final int DATA_DIGEST = 1 << 1;

  /** Flags of data: the last PDU of a command's data, or of what was asked for. */
  public static final int LAST = 1 << 2;

  /** Flags of data from the controller: the command has succeeded, and no response follows. */
  public static final int SUCCESS = 1 << 3;

  /** Bytes of the common header. */
  public static final int COMMON_BYTES = 8;

  /** Bytes of a digest. */
  public static final int DIGEST_BYTES = 4;

  private static final int LENGTH = 4;

  private Pdu() {}

  /**
   * Writes the common header.
   *
   * @param headerBytes of the whole header, without its digest
   * @param dataOffset where data begins; 0 for none
   * @param bytes of the whole PDU
   */
  public static void begin(
      long pdu, int type, int flags, int headerBytes, int dataOffset, int bytes) {
    OffHeap.putInt(pdu, type | flags << 8 | headerBytes << 16 | dataOffset << 24);
    OffHeap.putInt(pdu + LENGTH, bytes);
  }

  public static int type(long pdu) {
    return OffHeap.getInt(pdu) & 0xff;
  }

  public static int flags(long pdu) {
    return OffHeap.getInt(pdu) >>> 8 & 0xff;
  }

  /** HLEN: bytes of the header, without its digest. */
  public static int headerBytes(long pdu) {
    return OffHeap.getInt(pdu) >>> 16 & 0xff;
  }

  /** PDO: where its data begins; 0 in a PDU without data. */
  public static int dataOffset(long pdu) {
    return OffHeap.getInt(pdu) >>> 24;
  }

  /** PLEN: bytes of all of it, 0 to 2^32 - 1. */
  public static long bytes(long pdu) {
    return Integer.toUnsignedLong(OffHeap.getInt(pdu + LENGTH));
  }

  /** The kind's name in the specification; an unknown one is shown as a number. */
  public static String name(int type) {
    return switch (type) {
      case IC_REQ -> "ICReq";
      case IC_RESP -> "ICResp";
      case H2C_TERM_REQ -> "H2CTermReq";
      case C2H_TERM_REQ -> "C2HTermReq";
      case CAPSULE_CMD -> "CapsuleCmd";
      case CAPSULE_RESP -> "CapsuleResp";
      case H2C_DATA -> "H2CData";
      case C2H_DATA -> "C2HData";
      case R2T -> "R2T";
      default -> "PDU of type 0x%02x".formatted(type);
    };
  }
}
