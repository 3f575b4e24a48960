package sluice.vfio;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A base address register's window: a device's registers.
 *
 * <p>Offsets are in bytes from the window's start, aligned to the access. A function that is gone
 * reads all ones. Registers may be read and written from any thread; what that means to the device
 * is the caller's to know.
 */
public interface Bar {
  /** Bytes in the window. */
  long size();

  /** Reads a 32-bit register. */
  int read32(long offset);

  /** Writes a 32-bit register. What this thread stored in memory before, the device sees before. */
  void write32(long offset, int value);

  /** Reads a 64-bit register as two of 32 bits, low half first, which every device takes. */
  default long read64(long offset) {
    long low = Integer.toUnsignedLong(read32(offset));
    return Integer.toUnsignedLong(read32(offset + 4)) << 32 | low;
  }

  /** Writes a 64-bit register as two of 32 bits, low half first, which every device takes. */
  default void write64(long offset, long value) {
    write32(offset, (int) value);
    write32(offset + 4, (int) (value >>> 32));
  }

  /**
   * The part of the window as memory, when the part can be mapped: stores then reach the device
   * without a call. Valid until the function is closed.
   *
   * @return empty when accesses to the part have to go through {@link #read32} and {@link #write32}
   */
  Optional<MemorySegment> mapping(long offset, long length);
}
