package sluice.vfio;

import java.util.Optional;

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

  /**
   * A range whose bounds are unsigned, cut to what is below 2^63: nobody needs more.
   *
   * @return empty if none of it is
   */
  public static Optional<IovaRange> ofUnsigned(long start, long end) {
    if (start < 0 || Long.compareUnsigned(end, start) < 0) {
      return Optional.empty();
    }
    return Optional.of(new IovaRange(start, end < 0 ? Long.MAX_VALUE : end));
  }
}
