package sluice.recorder.ring;

/**
 * What is said of each slot besides its bytes: how many of these are the stream's, when the first
 * came, and the gap before it. Written by the producer before it commits the slot, read by the
 * consumer after it has seen that; overwritten only after the slot's release was seen.
 */
final class SlotNotes {
  final int[] lengths;
  final long[] times;
  final long[] gaps;
  final long[] gapTimes;
  final boolean[] gapEstimates;

  SlotNotes(int slots) {
    lengths = new int[slots];
    times = new long[slots];
    gaps = new long[slots];
    gapTimes = new long[slots];
    gapEstimates = new boolean[slots];
  }

  /** A gap that grows until a slot follows it. The producer's. */
  static final class Gap {
    long bytes;
    long time;
    boolean isEstimated;

    void add(long more, long timeNanos, boolean isEstimate) {
      if (bytes == 0) {
        time = timeNanos;
      }
      bytes += more;
      isEstimated |= isEstimate;
    }

    private void clear() {
      bytes = 0;
      time = 0;
      isEstimated = false;
    }
  }

  /** Notes a slot, and takes the gap before it. */
  void put(int slot, int length, long time, Gap gap) {
    lengths[slot] = length;
    times[slot] = time;
    gaps[slot] = gap.bytes;
    gapTimes[slot] = gap.time;
    gapEstimates[slot] = gap.isEstimated;
    gap.clear();
  }
}
