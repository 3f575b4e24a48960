package sluice.recorder.stream;

import sluice.support.memory.OffHeap;

/**
 * A stream that can be verified anywhere: each word of eight bytes is a function of a seed and of
 * the word's index, so any piece can be made and checked on its own, without what was before it.
 *
 * <p>Word {@code i} is {@code mix(base + i * GOLDEN)}, stored little-endian, where {@code base} is
 * the seed scrambled, {@code GOLDEN} is 0x9e3779b97f4a7c15 and
 *
 * <pre>
 *   mix(z):  z = (z ^ z >>> 32) * 0xd6e8feb86659fd93;  return z ^ z >>> 29
 * </pre>
 *
 * No word repeats within a stream, and the bytes do not compress, so neither a stale block nor a
 * drive that compresses goes unnoticed. Offsets need not be multiples of eight. Immutable.
 */
public final class Pattern {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;
  private static final long MULTIPLIER = 0xd6e8feb86659fd93L;

  private final long base;

  /**
   * @param seed any value; streams of different seeds have nothing in common
   */
  public Pattern(long seed) {
    this.base = mix(mix(seed + GOLDEN) + GOLDEN);
  }

  /** The word that begins at stream offset {@code 8 * index}. */
  public long word(long index) {
    return mix(base + index * GOLDEN);
  }

  /** The byte at a stream offset. */
  public byte byteAt(long offset) {
    return (byte) (word(offset >>> 3) >>> ((offset & 7) << 3));
  }

  /**
   * Writes a piece of the stream to memory.
   *
   * @param address where to, any alignment
   * @param length bytes
   * @param streamOffset where in the stream the piece begins, 0 or more
   */
  public void fill(long address, long length, long streamOffset) {
    long end = address + length;
    long offset = streamOffset;
    long at = address;
    while (at < end && (at & 7) != 0) {
      OffHeap.putByte(at++, byteAt(offset++));
    }
    long state = base + (offset >>> 3) * GOLDEN;
    long wordsEnd = at + (end - at & -8L);
    int shift = (int) (offset & 7) << 3;
    offset += wordsEnd - at;
    if (shift == 0) {
      for (; at < wordsEnd; at += 8) {
        OffHeap.putLong(at, mix(state));
        state += GOLDEN;
      }
    } else {
      // The memory's words straddle the stream's: each takes the end of one and the start of the
      // next.
      long word = mix(state);
      for (; at < wordsEnd; at += 8) {
        state += GOLDEN;
        long next = mix(state);
        OffHeap.putLong(at, word >>> shift | next << -shift);
        word = next;
      }
    }
    while (at < end) {
      OffHeap.putByte(at++, byteAt(offset++));
    }
  }

  /**
   * Compares memory with a piece of the stream.
   *
   * @param address of the memory, any alignment
   * @param length bytes
   * @param streamOffset where in the stream the piece begins, 0 or more
   * @return the stream offset of the first byte that differs, or -1 if none does
   */
  public long verify(long address, long length, long streamOffset) {
    long end = address + length;
    long offset = streamOffset;
    long at = address;
    for (; at < end && (at & 7) != 0; at++, offset++) {
      if (OffHeap.getByte(at) != byteAt(offset)) {
        return offset;
      }
    }
    long state = base + (offset >>> 3) * GOLDEN;
    long words = at;
    long wordsEnd = at + (end - at & -8L);
    int shift = (int) (offset & 7) << 3;
    if (shift == 0) {
      while (at < wordsEnd && OffHeap.getLong(at) == mix(state)) {
        state += GOLDEN;
        at += 8;
      }
    } else {
      long word = mix(state);
      while (at < wordsEnd) {
        state += GOLDEN;
        long next = mix(state);
        if (OffHeap.getLong(at) != (word >>> shift | next << -shift)) {
          break;
        }
        word = next;
        at += 8;
      }
    }
    offset += at - words;
    for (; at < end; at++, offset++) {
      if (OffHeap.getByte(at) != byteAt(offset)) {
        return offset;
      }
    }
    return -1;
  }

  private static long mix(long z) {
    z = (z ^ z >>> 32) * MULTIPLIER;
    return z ^ z >>> 29;
  }
}
