package sluice.nvme.tcp.pdu;

import sluice.support.memory.OffHeap;

/**
 * The end of a connection after a fatal error: H2CTermReq and C2HTermReq (sections 3.6.2.4 and
 * 3.6.2.5). The header of the PDU that was wrong, or as much of it as there was, is its data. It
 * has no digests.
 *
 * <pre>
 *        31                  16 15                   0
 *  0x08 |     FEI, lower half  |         FES          |
 *  0x0c |     reserved         |     FEI, upper half  |
 *  0x10 |             reserved, up to 0x18            |
 * </pre>
 */
public final class TerminationPdu {
  /** Bytes of the header. */
  public static final int HEADER_BYTES = 24;

  /** The most bytes of a wrong PDU's header that it carries. */
  public static final int MAX_DATA_BYTES = 128;

  /** Errors, FES. */
  public static final int INVALID_HEADER_FIELD = 1;

  public static final int SEQUENCE_ERROR = 2;
  public static final int HEADER_DIGEST_ERROR = 3;
  public static final int DATA_OUT_OF_RANGE = 4;

  /** From the controller: more data than it takes; from the host: more R2Ts than it takes. */
  public static final int LIMIT_EXCEEDED = 5;

  public static final int UNSUPPORTED_PARAMETER = 6;

  private static final int ERROR = 8;
  private static final int REST = 12;

  private TerminationPdu() {}

  /**
   * Writes all of it.
   *
   * @param type {@link Pdu#H2C_TERM_REQ} or {@link Pdu#C2H_TERM_REQ}
   * @param information FEI: where in the wrong PDU the wrong field is
   * @param wrong the wrong PDU's header
   * @param wrongBytes of it, up to {@link #MAX_DATA_BYTES}
   * @return its bytes
   */
  public static int put(
      long pdu, int type, int error, int information, long wrong, int wrongBytes) {
    int bytes = HEADER_BYTES + wrongBytes;
    Pdu.begin(pdu, type, 0, HEADER_BYTES, 0, bytes);
    OffHeap.putInt(pdu + ERROR, error | information << 16);
    OffHeap.putInt(pdu + REST, information >>> 16);
    OffHeap.putLong(pdu + REST + 4, 0);
    OffHeap.copy(wrong, pdu + HEADER_BYTES, wrongBytes);
    return bytes;
  }

  /** FES: what was wrong. */
  public static int error(long pdu) {
    return OffHeap.getInt(pdu + ERROR) & 0xffff;
  }

  /** FEI: where in the wrong PDU. */
  public static int information(long pdu) {
    return OffHeap.getInt(pdu + ERROR) >>> 16 | OffHeap.getInt(pdu + REST) << 16;
  }

  /** What is said of an error that an end has found, for people. */
  public static String name(int error) {
    return switch (error) {
      case INVALID_HEADER_FIELD -> "invalid PDU header field";
      case SEQUENCE_ERROR -> "PDU sequence error";
      case HEADER_DIGEST_ERROR -> "header digest error";
      case DATA_OUT_OF_RANGE -> "data transfer out of range";
      case LIMIT_EXCEEDED -> "transfer limit exceeded";
      case UNSUPPORTED_PARAMETER -> "unsupported parameter";
      default -> "error %d".formatted(error);
    };
  }
}
