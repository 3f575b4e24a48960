package sluice.vfio;

/**
 * A range of device addresses.
 *
 * @param start its first byte
 * @param end its last byte, not below {@code start}
 */
public record IovaRange(long start, long end) {
  public IovaRange {
    if (start < 0 || end < start) {
      throw new IllegalArgumentException(String.format("not a range: 0x%x to 0x%x", start, end));
    }
  }
}
