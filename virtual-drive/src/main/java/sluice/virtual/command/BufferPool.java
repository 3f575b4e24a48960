package sluice.virtual.command;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import sluice.support.memory.OffHeap;

/**
 * Memory of the drive's own for data on its way, which stays at hand when it is given back. Used in
 * the drive's turns.
 *
 * <p>Behind each buffer lies a pattern that nobody may write, looked at by an assertion.
 */
public final class BufferPool {
  private static final int PAGE = 4096;
  private static final int PAGE_SHIFT = 12;
  private static final long GUARD_BYTES = 64;
  private static final long GUARD = 0x5afe_b10c_5afe_b10cL;

  /** Keeps the memory, by address. */
  private final Map<Long, MemorySegment> all = new HashMap<>();

  /** Free buffers by power of two of pages. */
  private final long[][] free = new long[32][16];

  private final int[] freeCounts = new int[32];
  private long bytesOut;
  private int out;

  /** Bytes that were taken and not given back. */
  public long bytesOut() {
    return bytesOut;
  }

  /** How many buffers were taken and not given back. */
  int out() {
    return out;
  }

  /**
   * @param bytes more than 0
   * @return the address of so many, whole pages; what is in them is anybody's
   * @throws OutOfMemoryError if there is no memory; nothing is taken then
   */
  public long take(long bytes) {
    int order = order(bytes);
    long address = freeCounts[order] > 0 ? free[order][--freeCounts[order]] : make(order);
    bytesOut += (long) PAGE << order;
    out++;
    return address;
  }

  /** How much memory a buffer of so many bytes takes. */
  public static long held(long bytes) {
    return (long) PAGE << order(bytes);
  }

  private static int order(long bytes) {
    long pages = (bytes + PAGE - 1) >>> PAGE_SHIFT;
    return Long.SIZE - Long.numberOfLeadingZeros(pages - 1);
  }

  private long make(int order) {
    long bytes = (long) PAGE << order;
    MemorySegment made;
    try {
      made = Arena.ofAuto().allocate(bytes + GUARD_BYTES, PAGE);
    } catch (OutOfMemoryError e) {
      dropFree();
      made = Arena.ofAuto().allocate(bytes + GUARD_BYTES, PAGE);
    }
    all.put(made.address(), made);
    for (long at = 0; at < GUARD_BYTES; at += Long.BYTES) {
      OffHeap.putLong(made.address() + bytes + at, GUARD);
    }
    return made.address();
  }

  /** Lets go of what is at hand in other sizes. */
  private void dropFree() {
    for (int order = 0; order < free.length; order++) {
      for (int i = 0; i < freeCounts[order]; i++) {
        MemorySegment _ = all.remove(free[order][i]);
      }
      freeCounts[order] = 0;
    }
  }

  /**
   * Gives a buffer back.
   *
   * @param bytes as it was taken with
   */
  public void give(long address, long bytes) {
    int order = order(bytes);
    assert isIntact(address + ((long) PAGE << order)) : "written behind a buffer";
    bytesOut -= (long) PAGE << order;
    out--;
    if (freeCounts[order] == free[order].length) {
      free[order] = Arrays.copyOf(free[order], 2 * freeCounts[order]);
    }
    free[order][freeCounts[order]++] = address;
  }

  private static boolean isIntact(long guard) {
    for (long at = 0; at < GUARD_BYTES; at += Long.BYTES) {
      if (OffHeap.getLong(guard + at) != GUARD) {
        return false;
      }
    }
    return true;
  }
}
