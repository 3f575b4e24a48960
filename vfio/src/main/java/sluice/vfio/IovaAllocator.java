package sluice.vfio;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Hands out device addresses, lowest first, from the ranges an {@link Iommu} allows. Leaves out the
 * first 64 KiB, so that a small or a null address never means memory. Not thread-safe.
 */
public final class IovaAllocator {
  static final long LOWEST = 64 << 10;

  /** Free ranges: first byte to first byte behind. */
  private final TreeMap<Long, Long> free = new TreeMap<>();

  /**
   * @param ranges what may be handed out, apart from each other
   */
  public IovaAllocator(List<IovaRange> ranges) {
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
    for (Map.Entry<Long, Long> range : free.entrySet()) {
      long start = range.getKey();
      long end = range.getValue();
      long aligned = (start + alignment - 1) & -alignment;
      if (aligned >= start && aligned < end && end - aligned >= size) {
        free.remove(start);
        putIfNotEmpty(start, aligned);
        putIfNotEmpty(aligned + size, end);
        return aligned;
      }
    }
    throw new IllegalStateException("no range of " + size + " free device addresses is left");
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
