package sluice.nvme.spec;

/**
 * Controller Capabilities, the register CAP (NVMe 1.4, section 3.1.1).
 *
 * <pre>
 *  63      58  57   56   55    52 51    48 47  46 45  44    37 36    35   32
 * |  rsvd    |CMBS|PMRS| MPSMAX | MPSMIN | rsvd |BPS|  CSS   |NSSRS| DSTRD |
 *  31                24 23                19 18    17 16  15             0
 * |        TO          |       rsvd         |  AMS   |CQR|     MQES      |
 * </pre>
 *
 * Getters take the register's value; setters return it with the field replaced.
 */
public final class Cap {
  /** CSS: the NVM command set. */
  public static final int CSS_NVM = 1;

  /** CSS: several I/O command sets, which each namespace tells its own of (NVMe 2.0). */
  public static final int CSS_SEVERAL = 1 << 6;

  private Cap() {}

  /** Maximum queue entries supported, 0-based. */
  public static int mqes(long cap) {
    return Bits.get(cap, 0, 16);
  }

  public static long mqes(long cap, int value) {
    return Bits.set(cap, 0, 16, value);
  }

  /** Contiguous queues required. */
  public static boolean cqr(long cap) {
    return Bits.is(cap, 16);
  }

  public static long cqr(long cap, boolean value) {
    return Bits.set(cap, 16, 1, value ? 1 : 0);
  }

  /** Arbitration mechanisms besides round robin: bit 0 weighted round robin, bit 1 vendor's. */
  public static int ams(long cap) {
    return Bits.get(cap, 17, 2);
  }

  public static long ams(long cap, int value) {
    return Bits.set(cap, 17, 2, value);
  }

  /** Worst-case time to become ready, in units of 500 ms. */
  public static int to(long cap) {
    return Bits.get(cap, 24, 8);
  }

  public static long to(long cap, int value) {
    return Bits.set(cap, 24, 8, value);
  }

  /**
   * How long to wait for CSTS.RDY, in milliseconds. One unit is added to TO: some devices say 0,
   * and none can mean a deadline of zero.
   */
  public static long timeoutMillis(long cap) {
    return (to(cap) + 1) * 500L;
  }

  /** Doorbell stride: 4 bytes shifted left by this. */
  public static int dstrd(long cap) {
    return Bits.get(cap, 32, 4);
  }

  public static long dstrd(long cap, int value) {
    return Bits.set(cap, 32, 4, value);
  }

  /** NVM subsystem reset supported. */
  public static boolean nssrs(long cap) {
    return Bits.is(cap, 36);
  }

  public static long nssrs(long cap, boolean value) {
    return Bits.set(cap, 36, 1, value ? 1 : 0);
  }

  /** Command sets supported: bit 0 NVM, bit 7 no I/O command set. */
  public static int css(long cap) {
    return Bits.get(cap, 37, 8);
  }

  public static long css(long cap, int value) {
    return Bits.set(cap, 37, 8, value);
  }

  /** Boot partition support. */
  public static boolean bps(long cap) {
    return Bits.is(cap, 45);
  }

  public static long bps(long cap, boolean value) {
    return Bits.set(cap, 45, 1, value ? 1 : 0);
  }

  /** Smallest memory page: 2 to the power of 12 plus this. */
  public static int mpsmin(long cap) {
    return Bits.get(cap, 48, 4);
  }

  public static long mpsmin(long cap, int value) {
    return Bits.set(cap, 48, 4, value);
  }

  /** Largest memory page: 2 to the power of 12 plus this. */
  public static int mpsmax(long cap) {
    return Bits.get(cap, 52, 4);
  }

  public static long mpsmax(long cap, int value) {
    return Bits.set(cap, 52, 4, value);
  }

  /** Persistent memory region supported. */
  public static boolean pmrs(long cap) {
    return Bits.is(cap, 56);
  }

  public static long pmrs(long cap, boolean value) {
    return Bits.set(cap, 56, 1, value ? 1 : 0);
  }

  /** Controller memory buffer supported. */
  public static boolean cmbs(long cap) {
    return Bits.is(cap, 57);
  }

  public static long cmbs(long cap, boolean value) {
    return Bits.set(cap, 57, 1, value ? 1 : 0);
  }

  /** Bytes in the smallest memory page. */
  public static int minPageBytes(long cap) {
    return 1 << (12 + mpsmin(cap));
  }

  /** Bytes in the largest memory page. */
  public static int maxPageBytes(long cap) {
    return 1 << (12 + mpsmax(cap));
  }
}
