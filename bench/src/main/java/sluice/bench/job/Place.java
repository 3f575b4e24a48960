package sluice.bench.job;

/**
 * A part of the drive.
 *
 * @param offset its first byte
 * @param bytes how much there is
 */
public record Place(long offset, long bytes) {
  /** The byte behind it. */
  public long end() {
    return offset + bytes;
  }
}
