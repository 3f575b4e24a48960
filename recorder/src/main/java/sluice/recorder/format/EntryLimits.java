package sluice.recorder.format;

import java.util.stream.LongStream;

/**
 * What an entry of the catalogue may say whatever volume it is of, so that nobody who reckons with
 * it has to fear that a sum overflows or that a place is none.
 */
final class EntryLimits {
  private static final int MAX_SLOT_BYTES = 1 << 30;

  /** More than any drive has. */
  private static final long MAX_ADDRESS = 1L << 60;

  private static final long MAX_INDEX_ENTRIES = MAX_ADDRESS / IndexEntry.SIZE;

  private EntryLimits() {}

  /**
   * @throws IllegalArgumentException if it says what cannot be
   */
  static void check(CatalogueEntry entry) {
    if (entry.state() == RecordingState.GIVEN_UP) {
      return;
    }
    IndexRange index = entry.index();
    require(index.entries() >= 0 && index.entries() <= MAX_INDEX_ENTRIES, "index entries");
    require(index.noted() >= 0 && index.noted() <= index.entries(), "noted index entries");
    requirePlace(index.extent(), "index");
    entry.extents().forEach(extent -> requirePlace(extent, "extent"));
    int slot = entry.ring().slotBytes();
    require(slot > 0 && slot <= MAX_SLOT_BYTES, "bytes per slot");
    requireCounts(
        "sums",
        entry.totals().streamBytes(),
        entry.totals().recordedBytes(),
        entry.totals().chunks(),
        entry.totals().gaps(),
        entry.totals().lostBytes());
    requireCounts("ring figures", entry.ring().ringBytes(), entry.ring().highWaterBytes());
    requireCounts(
        "pauses",
        entry.pauses().count(),
        entry.pauses().thresholdNanos(),
        entry.pauses().longestNanos(),
        entry.pauses().longestWriteNanos());
  }

  private static void requireCounts(String what, long... counts) {
    require(LongStream.of(counts).allMatch(count -> count >= 0), what);
  }

  private static void requirePlace(Extent extent, String what) {
    require(
        extent.address() >= 0
            && extent.address() <= MAX_ADDRESS
            && extent.address() % SealedBlock.SIZE == 0
            && extent.bytes() >= 0
            && extent.bytes() <= MAX_ADDRESS
            && extent.bytes() % SealedBlock.SIZE == 0,
        what);
  }

  private static void require(boolean isPossible, String what) {
    if (!isPossible) {
      throw new IllegalArgumentException("impossible " + what);
    }
  }
}
