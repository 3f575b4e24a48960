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

  /** Without its first bytes. */
  public Extent from(long offset) {
    return new Extent(address + offset, bytes - offset);
  }

  public boolean overlaps(Extent other) {
    return bytes > 0 && other.bytes > 0 && address < other.end() && other.address < end();
  }

  public boolean contains(Extent other) {
    return other.address >= address && other.bytes <= end() - other.address;
  }
}
