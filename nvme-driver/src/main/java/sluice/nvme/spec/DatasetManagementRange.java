package sluice.nvme.spec;

import sluice.support.memory.OffHeap;

/**
 * A range of the Dataset Management command (NVMe 1.4, section 6.7, figure 371): static accessors
 * on the address of one of up to 256 entries.
 *
 * <pre>
 *     31                                   0
 *  0 |        context attributes            |
 *  4 |        length in logical blocks      |
 *  8 |        starting LBA, 64 bits         |
 * </pre>
 *
 * CDW10 bits 7:0 tell how many ranges there are, 0-based; CDW11 bit 2 ({@link #DEALLOCATE}) what is
 * done with them.
 */
public final class DatasetManagementRange {
  /** Bytes in an entry. */
  public static final int BYTES = 16;

  /** The most ranges in a command. */
  public static final int MAX_RANGES = 256;

  /** CDW11: the ranges will not be used any more. */
  public static final int DEALLOCATE = 1 << 2;

  private DatasetManagementRange() {}

  public static int attributes(long address) {
    return OffHeap.getInt(address);
  }

  public static void attributes(long address, int value) {
    OffHeap.putInt(address, value);
  }

  /** Logical blocks; 0 is none. */
  public static long length(long address) {
    return Integer.toUnsignedLong(OffHeap.getInt(address + 4));
  }

  public static void length(long address, long value) {
    OffHeap.putInt(address + 4, (int) Bits.checkWidth(value, 32));
  }

  public static long slba(long address) {
    return OffHeap.getLong(address + 8);
  }

  public static void slba(long address, long value) {
    OffHeap.putLong(address + 8, value);
  }
}
