package sluice.queues;

import sluice.vfio.DmaMemory;

/** The sizes a queue may have. */
final class QueueSize {
  private static final int MIN_ENTRIES = 2;
  private static final int MAX_ENTRIES = 1 << 16;

  private QueueSize() {}

  static void check(int entries, long bytes, DmaMemory memory) {
    if (entries < MIN_ENTRIES || entries > MAX_ENTRIES) {
      throw new IllegalArgumentException(
          "a queue has " + MIN_ENTRIES + " to " + MAX_ENTRIES + " entries, not " + entries);
    }
    if (memory.size() < bytes) {
      throw new IllegalArgumentException(
          entries + " entries need " + bytes + " bytes, but the memory has " + memory.size());
    }
    if (!memory.slice(0, bytes).isContiguous()) {
      throw new IllegalArgumentException(
          entries + " entries need " + bytes + " bytes in one piece: without an IOMMU take fewer");
    }
  }
}
