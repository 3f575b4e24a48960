package sluice.nvme.spec;

import sluice.support.memory.OffHeap;

/**
 * The SGL descriptor in a command of a fabric (NVMe 1.4, section 4.4; NVMe over Fabrics 1.1,
 * section 2.3): in a command's words of data, 24 bytes from its beginning. Static accessors on the
 * entry's address.
 *
 * <pre>
 *        31      28 27      24 23                     0
 *  0x18 |          address, 64 bits                    |
 *  0x20 |          length                              |
 *  0x24 |  type    | subtype  |       reserved         |
 * </pre>
 *
 * PSDT says that there is one.
 */
public final class SglDescriptor {
  /** Type and subtype: data in the capsule; the address is where, from the end of the entry. */
  public static final int IN_CAPSULE = 0x01;

  /** Type and subtype: the transport moves it. */
  public static final int BY_TRANSPORT = 0x5a;

  private static final int PSDT_SGL = 1 << 14;
  private static final int ADDRESS = 0x18;
  private static final int LENGTH = 0x20;
  private static final int TYPE = 0x24;

  private SglDescriptor() {}

  /**
   * Writes it, and that it is one.
   *
   * @param type {@link #IN_CAPSULE} or {@link #BY_TRANSPORT}
   */
  public static void put(long entry, int type, int length) {
    OffHeap.putInt(entry, (OffHeap.getInt(entry) & ~(3 << 14)) | PSDT_SGL);
    OffHeap.putLong(entry + ADDRESS, 0);
    OffHeap.putInt(entry + LENGTH, length);
    OffHeap.putInt(entry + TYPE, type << 24);
  }

  public static long address(long entry) {
    return OffHeap.getLong(entry + ADDRESS);
  }

  /** Bytes, 0 to 2^32 - 1. */
  public static long length(long entry) {
    return Integer.toUnsignedLong(OffHeap.getInt(entry + LENGTH));
  }

  /** Type and subtype. */
  public static int type(long entry) {
    return OffHeap.getInt(entry + TYPE) >>> 24;
  }
}
