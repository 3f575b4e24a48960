package sluice.qemu.conformance;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import sluice.vfio.DmaMemory;

/** Bytes that tell where they belong, so that a misplaced block shows. */
final class Bytes {
  /** What {@link #mismatch} returns when there is none. */
  static final long NONE = -1;

  /** A seed whose bytes are zeros. */
  static final long ZEROS = 0;

  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Bytes() {}

  /** Fills a range with the bytes of a seed. */
  static void fill(DmaMemory memory, long offset, long length, long seed) {
    MemorySegment segment = memory.segment();
    long whole = length & ~7;
    for (long i = 0; i < whole; i += 8) {
      segment.set(WORD, offset + i, word(i, seed));
    }
    for (long i = whole; i < length; i++) {
      segment.set(ValueLayout.JAVA_BYTE, offset + i, at(i, seed));
    }
  }

  /** Where, counted from the offset, the first byte is that {@link #fill} did not write there. */
  static long mismatch(DmaMemory memory, long offset, long length, long seed) {
    MemorySegment segment = memory.segment();
    long i = 0;
    while (length - i >= 8 && segment.get(WORD, offset + i) == word(i, seed)) {
      i += 8;
    }
    while (i < length && segment.get(ValueLayout.JAVA_BYTE, offset + i) == at(i, seed)) {
      i++;
    }
    return i == length ? NONE : i;
  }

  private static byte at(long index, long seed) {
    return (byte) (word(index & ~7, seed) >>> (8 * (index & 7)));
  }

  private static long word(long index, long seed) {
    if (seed == ZEROS) {
      return 0;
    }
    long mixed = (index + seed * 0xbf58476d1ce4e5b9L) * 0x9e3779b97f4a7c15L;
    return mixed ^ (mixed >>> 29);
  }
}
