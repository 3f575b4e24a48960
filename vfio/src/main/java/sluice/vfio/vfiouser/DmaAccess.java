package sluice.vfio.vfiouser;

import sluice.support.memory.OffHeap;

/**
 * A device's read or write of memory that it could not map ({@link Command#DMA_READ}, {@link
 * Command#DMA_WRITE}). The bytes follow in a write and in the answer to a read.
 *
 * <pre>
 *  0x00 |  device address, 8 bytes  |
 *  0x08 |  count, 8 bytes           |
 *  0x10 |  bytes …                  |
 * </pre>
 */
public final class DmaAccess {
  /** Without the bytes that follow. */
  public static final int BYTES = 0x10;

  private DmaAccess() {}

  public static void write(long address, long iova, long count) {
    OffHeap.putLong(address, iova);
    OffHeap.putLong(address + 0x8, count);
  }

  public static long iova(long address) {
    return OffHeap.getLong(address);
  }

  /** How many bytes, unsigned. */
  public static long count(long address) {
    return OffHeap.getLong(address + 0x8);
  }

  /** Where the bytes are. */
  public static long data(long address) {
    return address + BYTES;
  }
}
