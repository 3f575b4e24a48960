package sluice.vfio.vfiouser;

import sluice.support.memory.OffHeap;

/**
 * A read or write of a region ({@link Command#REGION_READ}, {@link Command#REGION_WRITE}). The
 * bytes follow in a write and in the answer to a read.
 *
 * <pre>
 *  0x00 |  offset in the region, 8 bytes  |
 *  0x08 |  region  | 0x0c | count         |
 *  0x10 |  bytes …                        |
 * </pre>
 */
public final class RegionAccess {
  /** Without the bytes that follow. */
  public static final int BYTES = 0x10;

  private RegionAccess() {}

  public static void write(long address, long offset, int region, int count) {
    OffHeap.putLong(address, offset);
    OffHeap.putInt(address + 0x8, region);
    OffHeap.putInt(address + 0xc, count);
  }

  public static long offset(long address) {
    return OffHeap.getLong(address);
  }

  public static int region(long address) {
    return OffHeap.getInt(address + 0x8);
  }

  /** How many bytes, unsigned. */
  public static int count(long address) {
    return OffHeap.getInt(address + 0xc);
  }

  /** Where the bytes are. */
  public static long data(long address) {
    return address + BYTES;
  }
}
