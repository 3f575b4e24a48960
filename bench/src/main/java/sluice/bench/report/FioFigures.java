package sluice.bench.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** Figures as fio writes them. */
final class FioFigures {
  private static final List<String> DECIMAL = List.of("", "k", "M", "G", "T", "P", "E");
  private static final List<String> BINARY = List.of("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei");
  private static final DateTimeFormatter CTIME =
      DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT);

  private FioFigures() {}

  /** Bytes by powers of 1024: {@code 30.4MiB}. */
  static String binaryBytes(long bytes) {
    return scaled(bytes, 4, 1024, BINARY) + "B";
  }

  /** Bytes by powers of 1000: {@code 31.9MB}. */
  static String decimalBytes(long bytes) {
    return scaled(bytes, 4, 1000, DECIMAL) + "B";
  }

  /** A count by powers of 1000, in four characters and a letter: {@code 10.1k}. */
  static String count(long value) {
    return scaled(value, 4, 1000, DECIMAL);
  }

  /** A latency's extreme, in six characters and a letter: {@code 4055.1k}. */
  static String extreme(long value) {
    return scaled(value, 6, 1000, DECIMAL);
  }

  /** A value of so many characters at most: digits, and decimals where there is room. */
  private static String scaled(long value, int width, int base, List<String> prefixes) {
    long divisor = 1;
    int prefix = 0;
    while (Long.toString(value / divisor).length() > width) {
      divisor *= base;
      prefix++;
    }
    int decimals = Math.max(width - Long.toString(value / divisor).length() - 1, 0);
    return BigDecimal.valueOf(value)
            .divide(BigDecimal.valueOf(divisor), prefix == 0 ? 0 : decimals, RoundingMode.HALF_UP)
            .toPlainString()
        + prefixes.get(prefix);
  }

  /** A figure with so many decimals, whatever the user's language. */
  static String fixed(double value, int decimals) {
    return BigDecimal.valueOf(value).setScale(decimals, RoundingMode.HALF_EVEN).toPlainString();
  }

  /** A time as the C library's {@code ctime} has it: {@code Sat Nov 21 08:37:03 2026}. */
  static String ctime(Instant instant, ZoneId zone) {
    return CTIME.format(instant.atZone(zone));
  }
}
