package sluice.support.text;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes, rates and durations as people write them, to and from {@code long}.
 *
 * <pre>
 *   128K 1.5G 4T    powers of 1024, as fio and dd have it (small letters too)
 *   128KiB 64Mi     powers of 1024
 *   400MB 1.5GB     powers of 1000
 *   0x4000000 6e7   hexadecimal; with an exponent of ten
 *   400MB/s 64K/s   rates in bytes; "/s" may be left out where a rate is expected
 *   3.2Gbit/s       rates in bits, powers of 1000 (Gibit/s: of 1024); "Gbps" is the same
 *   50ms 2s 1.5h    durations: ns, us, ms, s, min (or m), h
 * </pre>
 *
 * <p>What cannot be meant is refused: a negative number, a small {@code b} that could be a bit or a
 * byte, more than a {@code long} holds. Every error is an {@link IllegalArgumentException} of one
 * line. Fractions of a byte or a nanosecond that come of a unit are cut off.
 */
public final class Units {
  private static final Pattern NUMBER_AND_UNIT =
      Pattern.compile(
          "(-?)(0[xX][0-9a-fA-F]{1,16}|[0-9]{1,30}(?:\\.[0-9]{1,30})?(?:[eE][0-9]{1,2})?|\\.[0-9]{1,30})"
              + " ?([A-Za-zµ/]*)");
  private static final String PREFIXES = "KMGTPE";
  private static final BigDecimal BITS_PER_BYTE = BigDecimal.valueOf(Byte.SIZE);
  private static final Map<String, Long> NANOS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "µs", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "min", 60_000_000_000L,
          "h", 3_600_000_000_000L);
  private static final String SIZE_HELP = "write a size as 4096, 128K, 1.5GiB or 400MB";
  private static final String RATE_HELP = "write a rate as 400MB/s, 128K/s or 3.2Gbit/s";
  private static final String DURATION_HELP = "write a duration as 50ms, 2s, 10us, 5min or 1h";

  private Units() {}

  /** Bytes: {@code 4096}, {@code 128K}, {@code 1.5GiB}, {@code 400MB}. */
  public static long parseSize(String text) {
    Matcher parts = parts("size", text, SIZE_HELP);
    String unit = parts.group(3);
    boolean isInBytes = unit.isEmpty() || unit.equals("B");
    if (isInBytes && number(parts).stripTrailingZeros().scale() > 0) {
      throw bad("size", text, "there is no part of a byte");
    }
    return whole("size", text, number(parts).multiply(sizeUnit("size", text, unit)));
  }

  /**
   * Bytes per second: {@code 400MB/s}, {@code 128K/s}, {@code 3.2Gbit/s}. A rate of 0 is refused.
   */
  public static long parseRate(String text) {
    Matcher parts = parts("rate", text, RATE_HELP);
    String unit = parts.group(3);
    boolean bits = true;
    if (unit.endsWith("bit/s")) {
      unit = unit.substring(0, unit.length() - "bit/s".length());
    } else if (unit.endsWith("bit") || unit.endsWith("bps")) {
      unit = unit.substring(0, unit.length() - "bit".length());
    } else {
      bits = false;
      unit = unit.endsWith("/s") ? unit.substring(0, unit.length() - 2) : unit;
    }
    BigDecimal bytes;
    if (bits) {
      // A bit prefix counts in thousands unless it has an i.
      BigDecimal multiplier = sizeUnit("rate", text, unit.isEmpty() ? "" : unit + "B");
      bytes = number(parts).multiply(multiplier).divide(BITS_PER_BYTE);
    } else {
      bytes = number(parts).multiply(sizeUnit("rate", text, unit));
    }
    long rate = whole("rate", text, bytes);
    if (rate == 0) {
      throw new IllegalArgumentException("bad rate \"" + text + "\": it must be more than 0");
    }
    return rate;
  }

  /** Nanoseconds: {@code 50ms}, {@code 2s}. Only 0 may go without a unit. */
  public static long parseDuration(String text) {
    Matcher parts = parts("duration", text, DURATION_HELP);
    String unit = parts.group(3);
    BigDecimal number = number(parts);
    if (unit.isEmpty() && number.signum() == 0) {
      return 0;
    }
    Long nanos = NANOS.get(unit);
    if (nanos == null) {
      throw bad("duration", text, DURATION_HELP);
    }
    return whole("duration", text, number.multiply(BigDecimal.valueOf(nanos)));
  }

  /** A size for a person: at most two decimals, powers of 1024. {@code 1.5 GiB}. */
  public static String formatSize(long bytes) {
    return format((double) bytes, 1024, PREFIXES, "iB", "B");
  }

  /** A rate for a person: at most two decimals, powers of 1000. {@code 400 MB/s}. */
  public static String formatRate(double bytesPerSecond) {
    return format(bytesPerSecond, 1000, "kMGTPE", "B/s", "B/s");
  }

  /** A duration for a person: at most two decimals, seconds as the largest unit. {@code 50 ms}. */
  public static String formatDuration(long nanos) {
    double value = (double) nanos;
    String[] units = {"ns", "us", "ms", "s"};
    int unit = 0;
    while (unit < units.length - 1 && round(value) >= 1000) {
      value /= 1000;
      unit++;
    }
    return number(value) + " " + units[unit];
  }

  private static String format(
      double value, int base, String prefixes, String prefixed, String plain) {
    int prefix = -1;
    while (prefix < prefixes.length() - 1 && round(value) >= base) {
      value /= base;
      prefix++;
    }
    return number(value) + " " + (prefix < 0 ? plain : prefixes.charAt(prefix) + prefixed);
  }

  private static double round(double value) {
    return Math.rint(value * 100) / 100;
  }

  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.2f", round(value));
    return text.endsWith(".00")
        ? text.substring(0, text.length() - 3)
        : text.endsWith("0") ? text.substring(0, text.length() - 1) : text;
  }

  private static Matcher parts(String what, String text, String help) {
    Matcher parts = NUMBER_AND_UNIT.matcher(text.strip());
    if (!parts.matches()) {
      throw bad(what, text, help);
    }
    if (!parts.group(1).isEmpty()) {
      throw new IllegalArgumentException(
          "bad " + what + " \"" + text + "\": it cannot be negative");
    }
    return parts;
  }

  private static BigDecimal number(Matcher parts) {
    String text = parts.group(2);
    return text.startsWith("0x") || text.startsWith("0X")
        ? new BigDecimal(new BigInteger(text.substring(2), 16))
        : new BigDecimal(text);
  }

  /** The bytes that a unit such as {@code ""}, {@code K}, {@code KiB} or {@code kB} stands for. */
  private static BigDecimal sizeUnit(String what, String text, String unit) {
    String help = what.equals("rate") ? RATE_HELP : SIZE_HELP;
    if (unit.isEmpty() || unit.equals("B")) {
      return BigDecimal.ONE;
    }
    int power = PREFIXES.indexOf(Character.toUpperCase(unit.charAt(0))) + 1;
    if (power == 0) {
      throw bad(what, text, help);
    }
    int base =
        switch (unit.substring(1)) {
          case "", "i", "iB" -> 1024;
          case "B" -> 1000;
          case "b", "ib" ->
              throw bad(what, text, "a small b could be a bit or a byte, write B or bit");
          default -> throw bad(what, text, help);
        };
    return BigDecimal.valueOf(base).pow(power);
  }

  private static long whole(String what, String text, BigDecimal value) {
    BigDecimal whole = value.setScale(0, RoundingMode.DOWN);
    if (whole.signum() == 0 && value.signum() != 0) {
      throw bad(what, text, "it is less than one");
    }
    if (whole.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw bad(what, text, "it is too large");
    }
    return whole.longValueExact();
  }

  private static IllegalArgumentException bad(String what, String text, String help) {
    return new IllegalArgumentException("bad " + what + " \"" + text + "\": " + help);
  }
}
