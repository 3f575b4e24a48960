package sluice.bench.job;

/**
 * A part of a drive.
 *
 * @param drive which of the run's drives, from 0
 * @param offset its first byte
 * @param bytes how much there is
 */
public record Place(int drive, long offset, long bytes) {
  /** A part of the first drive. */
  public Place(long offset, long bytes) {
    this(0, offset, bytes);
  }

  /** The byte behind it. */
  public long end() {
    return offset + bytes;
  }
}
