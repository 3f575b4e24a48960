package sluice.nvme.tcp.pdu;

import sluice.support.memory.OffHeap;

/**
 * The first PDU of either end: ICReq and ICResp (sections 3.6.2.2 and 3.6.2.3). They have no
 * digests whatever they agree on.
 *
 * <pre>
 *        31        24 23       16 15                  0
 *  0x08 |   DGST     |HPDA / CPDA|        PFV          |
 *  0x0c |          MAXR2T / MAXH2CDATA                 |
 *  0x10 |          reserved, up to 0x80                |
 * </pre>
 */
public final class InitializePdu {
  /** Bytes of the PDU, which is all header. */
  public static final int BYTES = 128;

  /** DGST: header digests. */
  public static final int HEADER_DIGESTS = 1 << 0;

  /** DGST: data digests. */
  public static final int DATA_DIGESTS = 1 << 1;

  /** The most that {@link #alignment} can say, 0-based. */
  public static final int MAX_ALIGNMENT = 31;

  /** What MAXH2CDATA is at the least. */
  public static final int MIN_DATA_BYTES = 4096;

  private static final int FORMAT = 8;
  private static final int LIMIT = 12;

  private InitializePdu() {}

  /**
   * Writes a request.
   *
   * @param digests of the {@code _DIGESTS} of this class, those that are wanted
   * @param maxReady R2Ts of one command that may be out at once, 1 or more
   */
  public static void request(long pdu, int digests, int maxReady) {
    put(pdu, Pdu.IC_REQ, 0, digests, maxReady - 1);
  }

  /**
   * Writes a response.
   *
   * @param alignment to how many dwords data from the host is to be aligned, 0-based
   * @param digests those that are used
   * @param maxData bytes of data in a PDU from the host, a multiple of 4
   */
  public static void response(long pdu, int alignment, int digests, int maxData) {
    put(pdu, Pdu.IC_RESP, alignment, digests, maxData);
  }

  private static void put(long pdu, int type, int alignment, int digests, int limit) {
    OffHeap.zero(pdu, BYTES);
    Pdu.begin(pdu, type, 0, BYTES, 0, BYTES);
    OffHeap.putInt(pdu + FORMAT, alignment << 16 | digests << 24);
    OffHeap.putInt(pdu + LIMIT, limit);
  }

  /** PFV: the version of the format, 0. */
  public static int format(long pdu) {
    return OffHeap.getInt(pdu + FORMAT) & 0xffff;
  }

  /** HPDA or CPDA: to how many dwords the other end is to align data, 0-based. */
  public static int alignment(long pdu) {
    return OffHeap.getInt(pdu + FORMAT) >>> 16 & 0xff;
  }

  /** DGST. */
  public static int digests(long pdu) {
    return OffHeap.getInt(pdu + FORMAT) >>> 24;
  }

  /** MAXR2T of a request: R2Ts of one command that may be out at once, from 1. */
  public static long maxReady(long pdu) {
    return Integer.toUnsignedLong(OffHeap.getInt(pdu + LIMIT)) + 1;
  }

  /** MAXH2CDATA of a response: bytes of data in a PDU from the host. */
  public static long maxData(long pdu) {
    return Integer.toUnsignedLong(OffHeap.getInt(pdu + LIMIT));
  }
}
