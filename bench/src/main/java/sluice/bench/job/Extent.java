package sluice.bench.job;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * An amount of data: bytes, or a part of something that is not known yet.
 *
 * @param bytes how many; 0 when it is a part
 * @param fraction the part, from 0 to 1; 0 when it is bytes
 */
public record Extent(long bytes, double fraction) {
  /** Nothing. */
  public static final Extent NONE = new Extent(0, 0);

  static Extent parse(String text, int base) {
    return text.trim().endsWith("%")
        ? new Extent(0, Values.percent(text))
        : new Extent(Values.size(text, base), 0);
  }

  /** Whether it says anything. */
  public boolean isGiven() {
    return bytes > 0 || fraction > 0;
  }

  /** In bytes, of a whole of so many. */
  public long of(long whole) {
    return fraction > 0
        ? BigDecimal.valueOf(whole)
            .multiply(BigDecimal.valueOf(fraction))
            .setScale(0, RoundingMode.DOWN)
            .longValueExact()
        : bytes;
  }
}
