package sluice.bench.load;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.bench.job.DataPattern;
import sluice.support.memory.OffHeap;

/** Repeats a pattern over memory. */
final class PatternFiller {
  private final int length;
  private final int[] offsets;

  /** One pattern, off the heap like all that is copied on a hot path. */
  private final MemorySegment source;

  PatternFiller(DataPattern pattern) {
    byte[] bytes = pattern.bytes();
    length = bytes.length;
    offsets = pattern.offsetPositions();
    source = Arena.ofAuto().allocate(length);
    for (int i = 0; i < length; i++) {
      OffHeap.putByte(source.address() + i, bytes[i]);
    }
  }

  boolean hasOffsets() {
    return offsets.length > 0;
  }

  /** Fills from the pattern's beginning on; it may be cut off at the end. */
  void fill(long address, long bytes, long driveOffset) {
    for (int position : offsets) {
      for (int i = 0; i < Long.BYTES; i++) {
        OffHeap.putByte(source.address() + position + i, (byte) (driveOffset >>> (i * Byte.SIZE)));
      }
    }
    long done = Math.min(length, bytes);
    OffHeap.copy(source.address(), address, done);
    // What is there already is copied behind itself: ever longer pieces, of whole patterns.
    while (done < bytes) {
      long piece = Math.min(done / length * length, bytes - done);
      OffHeap.copy(address, address + done, piece);
      done += piece;
    }
  }
}
