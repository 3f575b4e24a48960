package sluice.vfio.vfiouser;

import sluice.support.memory.OffHeap;

/**
 * Several small writes of regions in a message ({@link Command#REGION_WRITE_MULTI}), done in their
 * order. The answer is how many were done.
 *
 * <pre>
 *  0x00 |  how many writes, 8 bytes      |
 *  0x08 |  a write as {@link RegionAccess} has it, with 8 bytes of data, of which count matter |
 *  0x20 |  the next …                    |
 * </pre>
 */
public final class RegionWrites {
  /** In front of the writes; the whole answer. */
  public static final int COUNT_BYTES = 0x8;

  /** Each write. */
  public static final int WRITE_BYTES = RegionAccess.BYTES + Long.BYTES;

  private RegionWrites() {}

  public static void putCount(long address, long count) {
    OffHeap.putLong(address, count);
  }

  /** How many writes, unsigned. */
  public static long count(long address) {
    return OffHeap.getLong(address);
  }

  /** Where a write is. */
  public static long write(long address, long index) {
    return address + COUNT_BYTES + index * WRITE_BYTES;
  }
}
