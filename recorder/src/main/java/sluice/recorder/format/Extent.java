package sluice.recorder.format;

/**
 * A range of the drive.
 *
 * @param address of the first byte
 * @param bytes how many
 */
public record Extent(long address, long bytes) {
  /** The address after the last byte. */
  public long end() {
    return address + bytes;
  }

  public boolean overlaps(Extent other) {
    return bytes > 0 && other.bytes > 0 && address < other.end() && other.address < end();
  }

  public boolean contains(Extent other) {
    return other.address >= address && other.bytes <= end() - other.address;
  }
}
