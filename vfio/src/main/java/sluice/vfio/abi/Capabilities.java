package sluice.vfio.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * The chain of capabilities behind an information structure of VFIO ({@code vfio_info_cap_header}).
 * They lie at any multiple of 4, so what they hold is not aligned to its size.
 *
 * <pre>
 *       31          16 15           0
 *  0x0 |   version    |     id       |
 *  0x4 |  next, from the structure's start; 0 ends the chain |
 *  0x8 |  what the id says …         |
 * </pre>
 */
public final class Capabilities {
  private static final int ID = 0;
  private static final int NEXT = 4;
  private static final int HEADER_BYTES = 8;

  private Capabilities() {}

  /**
   * Finds a capability.
   *
   * @param info the whole structure as the kernel filled it
   * @param first offset of the first capability, 0 for none
   * @return from the capability's header to the structure's end; null if it is not there
   */
  public static MemorySegment find(MemorySegment info, int first, int id) {
    long offset = Integer.toUnsignedLong(first);
    // A chain only ever goes on, or it might not end.
    for (long seen = 0; offset > seen && offset + HEADER_BYTES <= info.byteSize(); ) {
      if (Short.toUnsignedInt(info.get(JAVA_SHORT_UNALIGNED, offset + ID)) == id) {
        return info.asSlice(offset);
      }
      seen = offset;
      offset = Integer.toUnsignedLong(info.get(JAVA_INT_UNALIGNED, offset + NEXT));
    }
    return null;
  }

  /** Whether a chain lies within its structure, and ends. */
  public static boolean isSound(MemorySegment info, int first) {
    long seen = 0;
    long offset = Integer.toUnsignedLong(first);
    while (offset != 0) {
      if (offset <= seen || (offset & 3) != 0 || offset + HEADER_BYTES > info.byteSize()) {
        return false;
      }
      seen = offset;
      offset = Integer.toUnsignedLong(info.get(JAVA_INT_UNALIGNED, offset + NEXT));
    }
    return true;
  }
}
