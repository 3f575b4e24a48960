package sluice.support.linux;

import sluice.support.memory.OffHeap;

/**
 * The kernel's {@code struct iovec}: a piece of memory among those that one call reads or writes.
 *
 * <pre>
 *    0                  8                 16
 *    +------------------+------------------+
 *    |     address      |      length      |
 *    +------------------+------------------+
 * </pre>
 */
public final class Iovec {
  public static final int BYTES = 16;

  private static final int LENGTH = 8;

  private Iovec() {}

  public static void put(long iovec, long address, long length) {
    OffHeap.putLong(iovec, address);
    OffHeap.putLong(iovec + LENGTH, length);
  }

  public static long address(long iovec) {
    return OffHeap.getLong(iovec);
  }

  public static long length(long iovec) {
    return OffHeap.getLong(iovec + LENGTH);
  }
}
