package sluice.queues;

/** The sizes a queue may have. */
final class QueueSize {
  private static final int MIN_ENTRIES = 2;
  private static final int MAX_ENTRIES = 1 << 16;

  private QueueSize() {}

  static void check(int entries, long bytes, long memoryBytes) {
    if (entries < MIN_ENTRIES || entries > MAX_ENTRIES) {
      throw new IllegalArgumentException(
          "a queue has " + MIN_ENTRIES + " to " + MAX_ENTRIES + " entries, not " + entries);
    }
    if (memoryBytes < bytes) {
      throw new IllegalArgumentException(
          entries + " entries need " + bytes + " bytes, but the memory has " + memoryBytes);
    }
  }
}
