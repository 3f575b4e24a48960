package sluice.bench.chunks;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import sluice.bench.cliff.CliffResult;

/**
 * What sessions of chunks measured.
 *
 * @param sessions by their number of chunks
 * @param full the whole drive, or as much of it as was wanted; empty if it was left out
 * @param interrupted whether it was ended before its time
 */
public record ChunksResult(List<Session> sessions, Optional<Full> full, boolean interrupted) {
  public ChunksResult {
    sessions = List.copyOf(sessions);
  }

  /**
   * Sessions of one length.
   *
   * @param chunks of each
   * @param bytes of each
   * @param write how long it took to write them
   * @param read how long it took to read them
   */
  public record Session(int chunks, long bytes, Times write, Times read) {}

  /**
   * Times of several sessions, from the first submission to the last completion, in nanoseconds.
   */
  public record Times(long median, long least, long most) {
    static Times of(long[] times) {
      long[] sorted = times.clone();
      Arrays.sort(sorted);
      long median = (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
      return new Times(median, sorted[0], sorted[sorted.length - 1]);
    }

    /** The rate of so many bytes in the median time, in bytes per second. */
    public double bytesPerSecond(long bytes) {
      return bytes * 1e9 / Math.max(1, median);
    }
  }

  /**
   * The whole drive, each byte of which says where it belongs.
   *
   * @param write what was written, and the cliff
   * @param read what was read back of that
   * @param differentBlocks how many of the blocks that were read are not as they were written
   * @param firstDifference the first of them, in a line; empty without one
   * @param makingBytesPerSecond how fast the data alone can be made here, which no drive exceeds
   */
  public record Full(
      CliffResult write,
      CliffResult read,
      long differentBlocks,
      String firstDifference,
      double makingBytesPerSecond) {}

  /** Whether no byte that was read back differed. */
  public boolean isClean() {
    return full.isEmpty() || full.get().differentBlocks() == 0;
  }
}
