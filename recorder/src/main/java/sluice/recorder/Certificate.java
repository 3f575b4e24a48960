package sluice.recorder;

import sluice.recorder.format.CatalogueEntry.Totals;

/**
 * What was found when a recording was read from its first entry to its last. It says more than a
 * count of errors: every index entry follows from the one before (sequence, stream offset, place,
 * and the chain of checksums), and every byte of data is what its entry says.
 *
 * @param entries index entries that were verified
 * @param totals sums over them
 * @param chain of the last of them; that in the catalogue is the same
 * @param isIndexWhole whether the entries are all that the catalogue tells of
 * @param isDataVerified whether the data was read and compared
 * @param damagedChunks chunks whose data is not what was recorded
 * @param damagedBytes bytes in them
 * @param marks how often the recorder noted that all was durable
 * @param highWaterBytes the ring's high-water mark, by the catalogue and the marks
 * @param maxKelvin the highest temperature noted; 0 if none was
 * @param clockSteps how often the clock was set back: a chunk or gap has an earlier time than the
 *     one before it
 * @param longestStepNanos by how much at the most
 * @param acceptedLostBytes bytes in those gaps that were recorded, and then lost by the drive; the
 *     user has accepted that
 * @param estimatedLostBytes bytes in those gaps whose size is an estimate
 */
public record Certificate(
    long entries,
    Totals totals,
    int chain,
    boolean isIndexWhole,
    boolean isDataVerified,
    long damagedChunks,
    long damagedBytes,
    long marks,
    long highWaterBytes,
    int maxKelvin,
    long clockSteps,
    long longestStepNanos,
    long acceptedLostBytes,
    long estimatedLostBytes) {

  /** Whether nothing is damaged. */
  public boolean isIntact() {
    return isIndexWhole && damagedChunks == 0;
  }

  /** Whether a stream is proved to be on the drive without a gap; of no bytes, nothing is. */
  public boolean isGapless() {
    return isIntact()
        && isDataVerified
        && totals.streamBytes() > 0
        && totals.gaps() == 0
        && totals.lostBytes() == 0;
  }
}
