package sluice.nvme.spec;

/**
 * Controller Configuration, the register CC (NVMe 1.4, section 3.1.5).
 *
 * <pre>
 *  31     24 23    20 19    16 15 14 13   11 10    7 6     4 3  1  0
 * |  rsvd   | IOCQES | IOSQES | SHN |  AMS  |  MPS  |  CSS  |rsvd|EN|
 * </pre>
 *
 * Getters take the register's value; setters return it with the field replaced.
 */
public final class Cc {
  /** SHN: a normal shutdown. */
  public static final int SHN_NORMAL = 1;

  /** SHN: an abrupt shutdown. */
  public static final int SHN_ABRUPT = 2;

  private Cc() {}

  /** Enable. */
  public static boolean en(int cc) {
    return Bits.is(cc, 0);
  }

  public static int en(int cc, boolean value) {
    return Bits.set(cc, 0, 1, value ? 1 : 0);
  }

  /** I/O command set selected: 0 the NVM command set. */
  public static int css(int cc) {
    return Bits.get(cc, 4, 3);
  }

  public static int css(int cc, int value) {
    return Bits.set(cc, 4, 3, value);
  }

  /** Memory page size: 2 to the power of 12 plus this. */
  public static int mps(int cc) {
    return Bits.get(cc, 7, 4);
  }

  public static int mps(int cc, int value) {
    return Bits.set(cc, 7, 4, value);
  }

  /** Arbitration mechanism selected: 0 round robin. */
  public static int ams(int cc) {
    return Bits.get(cc, 11, 3);
  }

  public static int ams(int cc, int value) {
    return Bits.set(cc, 11, 3, value);
  }

  /** Shutdown notification: 0 none, {@link #SHN_NORMAL}, {@link #SHN_ABRUPT}. */
  public static int shn(int cc) {
    return Bits.get(cc, 14, 2);
  }

  public static int shn(int cc, int value) {
    return Bits.set(cc, 14, 2, value);
  }

  /** I/O submission entry size as a power of two: 6. */
  public static int iosqes(int cc) {
    return Bits.get(cc, 16, 4);
  }

  public static int iosqes(int cc, int value) {
    return Bits.set(cc, 16, 4, value);
  }

  /** I/O completion entry size as a power of two: 4. */
  public static int iocqes(int cc) {
    return Bits.get(cc, 20, 4);
  }

  public static int iocqes(int cc, int value) {
    return Bits.set(cc, 20, 4, value);
  }

  /** Bytes in a memory page. */
  public static int pageBytes(int cc) {
    return 1 << (12 + mps(cc));
  }
}
