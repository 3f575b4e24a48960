package sluice.nvme.spec;

/**
 * Get Log Page: identifiers and command dwords (NVMe 1.4, section 5.14).
 *
 * <pre>
 *        31              16  15 14   12 11    8 7        0
 * CDW10 |     NUMDL        |RAE| rsvd | LSP   |   LID     |
 * CDW11 |     LSI          |          NUMDU               |
 * CDW12 |     LPOL: offset in bytes, lower half           |
 * CDW13 |     LPOU: offset in bytes, upper half           |
 * </pre>
 *
 * NUMDU and NUMDL are the number of dwords, 0-based.
 */
public final class LogPage {
  public static final int ERROR_INFORMATION = 0x01;
  public static final int SMART = 0x02;
  public static final int FIRMWARE_SLOT = 0x03;
  public static final int CHANGED_NAMESPACES = 0x04;
  public static final int COMMANDS_SUPPORTED = 0x05;
  public static final int DISCOVERY = 0x70;

  private LogPage() {}

  /**
   * @param bytes how much to read, a multiple of 4
   * @param retainAsyncEvent RAE: whether reading leaves the event masked
   */
  public static int cdw10(int lid, int bytes, boolean retainAsyncEvent) {
    int cdw10 = Bits.set(Bits.set(0, 0, 8, lid), 15, 1, retainAsyncEvent ? 1 : 0);
    return Bits.set(cdw10, 16, 16, (bytes / 4 - 1) & 0xffff);
  }

  public static int cdw11(int bytes) {
    return Bits.set(0, 0, 16, (bytes / 4 - 1) >>> 16);
  }

  /** LID: the log page. */
  public static int lid(int cdw10) {
    return Bits.get(cdw10, 0, 8);
  }

  /** RAE: whether reading leaves the asynchronous event masked. */
  public static boolean retainAsyncEvent(int cdw10) {
    return Bits.is(cdw10, 15);
  }

  /** How much to read, in bytes. */
  public static long bytes(int cdw10, int cdw11) {
    return ((long) Bits.get(cdw11, 0, 16) << 16 | Bits.get(cdw10, 16, 16)) * 4 + 4;
  }

  /** Where in the page to begin, in bytes, from CDW12 and CDW13; beyond 2^63 it is negative. */
  public static long offset(int cdw12, int cdw13) {
    return (long) cdw13 << 32 | Integer.toUnsignedLong(cdw12);
  }
}
