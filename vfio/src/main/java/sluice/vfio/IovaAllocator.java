package sluice.vfio;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Hands out device addresses from the ranges an {@link Iommu} allows, lowest first: those from
 * where it prefers them on, and, when none is left there, those below. Leaves out the first 64 KiB,
 * so that a small or a null address never means memory. Not thread-safe.
 */
public final class IovaAllocator {
  static final long LOWEST = 64 << 10;

  /** Free ranges: first byte to first byte behind. */
  private final TreeMap<Long, Long> free = new TreeMap<>();

  private final long preferredStart;

  /**
   * @param ranges what may be handed out, apart from each other
   */
  public IovaAllocator(List<IovaRange> ranges) {
    this(ranges, 0);
  }

  /**
   * @param ranges what may be handed out, apart from each other
   * @param preferredStart below it addresses are only taken when none is left above
   */
  public IovaAllocator(List<IovaRange> ranges, long preferredStart) {
    this.preferredStart = preferredStart;
    for (IovaRange range : ranges) {
      long start = Math.max(range.start(), LOWEST);
      long end = Math.min(range.end(), Long.MAX_VALUE - 1) + 1;
      if (start < end) {
        free.put(start, end);
      }
    }
  }

  /**
   * Takes a range.
   *
   * @param size bytes
   * @param alignment a power of two
   * @return the address
   * @throws IllegalStateException if no free range is large enough
   */
  public long allocate(long size, long alignment) {
    long found = allocate(size, alignment, preferredStart);
    if (found < 0 && preferredStart > 0) {
      found = allocate(size, alignment, 0);
    }
    if (found < 0) {
      throw new IllegalStateException("no range of " + size + " free device addresses is left");
    }
    return found;
  }

  /** Takes a range at or above an address; negative if there is none. */
  private long allocate(long size, long alignment, long lowest) {
    for (Map.Entry<Long, Long> range : free.entrySet()) {
      long start = range.getKey();
      long end = range.getValue();
      long usable = Math.max(start, lowest);
      long aligned = (usable + alignment - 1) & -alignment;
      if (aligned >= usable && aligned < end && end - aligned >= size) {
        free.remove(start);
        putIfNotEmpty(start, aligned);
        putIfNotEmpty(aligned + size, end);
        return aligned;
      }
    }
    return -1;
  }

  /** Gives back a range as it was taken. */
  public void free(long start, long size) {
    long end = start + size;
    Map.Entry<Long, Long> below = free.floorEntry(start);
    if (below != null && below.getValue() == start) {
      start = below.getKey();
    }
    Long endAbove = free.remove(end);
    free.put(start, endAbove == null ? end : endAbove);
  }

  private void putIfNotEmpty(long start, long end) {
    if (start < end) {
      free.put(start, end);
    }
  }
}
