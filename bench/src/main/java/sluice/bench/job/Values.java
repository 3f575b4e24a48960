package sluice.bench.job;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Numbers as fio's users write them. Every error is an {@link IllegalArgumentException} of one line
 * that does not repeat the option's name.
 *
 * <pre>
 *   4k 1m 2g 1t 1p     powers of 1024, as are kb, ki, mb and so on (with kb_base=1000: of 1000)
 *   4kib               powers of 1000: fio has these the wrong way round (with kb_base=1000: 1024)
 *   0x1000 20%         hexadecimal; per cent where the option takes it
 *   60 60s 2m 1h 1d    durations: a bare number is in the option's own unit
 *   500ms 80us 80usec 1h30m 1:30
 * </pre>
 */
final class Values {
  private static final Pattern NUMBER =
      Pattern.compile("([+-]?)(0[xX][0-9a-fA-F]{1,32}|[0-9]{1,30}(?:\\.[0-9]{1,30})?) ?(.*)");
  private static final Pattern SEVERAL_UNITS = Pattern.compile("(?:[0-9]{1,9}[a-zA-Z]+){2,8}");
  private static final Pattern UNIT_END = Pattern.compile("(?<=[a-zA-Z])(?=[0-9])");
  private static final Pattern CLOCK = Pattern.compile("[0-9]{1,6}(?::[0-9]{1,6}){1,2}");
  private static final String PREFIXES = "kmgtp";
  private static final Map<String, Long> NANOS =
      Map.ofEntries(
          Map.entry("d", 86_400_000_000_000L),
          Map.entry("h", 3_600_000_000_000L),
          Map.entry("m", 60_000_000_000L),
          Map.entry("s", 1_000_000_000L),
          Map.entry("ms", 1_000_000L),
          Map.entry("msec", 1_000_000L),
          Map.entry("us", 1_000L),
          Map.entry("usec", 1_000L),
          Map.entry("ns", 1L),
          Map.entry("nsec", 1L));

  private Values() {}

  /**
   * @param base 1024 or 1000: what {@code k} means
   * @return bytes
   */
  static long size(String text, int base) {
    Matcher parts = match(text, "a size such as 4096, 4k or 1g");
    String unit = parts.group(3).toLowerCase(Locale.ROOT);
    BigDecimal factor = BigDecimal.ONE;
    if (!unit.isEmpty() && !unit.equals("b")) {
      int power = PREFIXES.indexOf(unit.charAt(0)) + 1;
      String rest = unit.substring(1);
      boolean swapped = rest.equals("ib");
      if (power == 0 || !(swapped || rest.isEmpty() || rest.equals("b") || rest.equals("i"))) {
        throw new IllegalArgumentException(
            quote(text) + " has no unit that is known; write a size such as 4096, 4k or 1g");
      }
      int factorBase = swapped ? (base == 1024 ? 1000 : 1024) : base;
      factor = BigDecimal.valueOf(factorBase).pow(power);
    }
    return whole(text, number(parts).multiply(factor));
  }

  /**
   * @param bareUnit the nanoseconds that a number without a unit counts
   * @return nanoseconds
   */
  static long duration(String text, long bareUnit) {
    if (SEVERAL_UNITS.matcher(text.trim()).matches()) {
      return sum(text, UNIT_END.splitAsStream(text.trim()), bareUnit);
    }
    if (CLOCK.matcher(text.trim()).matches()) {
      return clock(text.trim().split(":"));
    }
    Matcher parts = match(text, "a time such as 60, 10s or 500ms");
    String unit = parts.group(3).toLowerCase(Locale.ROOT);
    Long nanos = unit.isEmpty() ? Long.valueOf(bareUnit) : NANOS.get(unit);
    if (nanos == null) {
      throw new IllegalArgumentException(
          quote(text) + " has no unit that is known; write a time such as 60, 10s or 500ms");
    }
    return whole(text, number(parts).multiply(BigDecimal.valueOf(nanos)));
  }

  /** {@code 1h30m} */
  private static long sum(String text, Stream<String> parts, long bareUnit) {
    BigDecimal sum =
        parts
            .map(part -> BigDecimal.valueOf(duration(part, bareUnit)))
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    return whole(text, sum);
  }

  /** {@code 1:30} is a minute and a half, {@code 1:00:00} an hour. */
  private static long clock(String[] parts) {
    long seconds = 0;
    for (String part : parts) {
      seconds = seconds * 60 + Integer.parseInt(part);
    }
    return seconds * NANOS.get("s");
  }

  /** A whole number in a range, both ends included. */
  static long integer(String text, long least, long most) {
    long value = size(text, 1024);
    if (value < least || value > most) {
      throw new IllegalArgumentException(quote(text) + " must be from " + least + " to " + most);
    }
    return value;
  }

  /** A number of any kind, as a double, in a range. */
  static double decimal(String text, double least, double most) {
    double value;
    try {
      value = new BigDecimal(text.trim()).doubleValue();
    } catch (NumberFormatException | ArithmeticException e) {
      throw new IllegalArgumentException(quote(text) + " is not a number", e);
    }
    if (!(value >= least && value <= most)) {
      throw new IllegalArgumentException(
          quote(text) + " must be from " + plain(least) + " to " + plain(most));
    }
    return value;
  }

  private static String plain(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  /** Per cent with or without its sign, or two of them, from 0 to 100, as a fraction. */
  static double percent(String text) {
    return decimal(text.trim().replaceFirst("%{1,2}$", ""), 0, 100) / 100;
  }

  /** A key without a value is true. */
  static boolean bool(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "", "1", "true", "yes" -> true;
      case "0", "false", "no" -> false;
      default -> throw new IllegalArgumentException(quote(text) + " is neither 1 (yes) nor 0 (no)");
    };
  }

  /** One of an enum's constants by its name in small letters. */
  static <E extends Enum<E>> E choice(String text, Class<E> type) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().toLowerCase(Locale.ROOT).equals(text.toLowerCase(Locale.ROOT))) {
        return constant;
      }
    }
    StringBuilder known = new StringBuilder();
    for (E constant : type.getEnumConstants()) {
      known.append(known.isEmpty() ? "" : ", ").append(constant.name().toLowerCase(Locale.ROOT));
    }
    throw new IllegalArgumentException(quote(text) + " is none of " + known);
  }

  /** A value of a file in a message: of printable characters, and not too long. */
  static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < Math.min(text.length(), 60); i++) {
      char c = text.charAt(i);
      quoted.append(c < ' ' || c > '~' ? '?' : c);
    }
    return quoted.append(text.length() > 60 ? "...\"" : "\"").toString();
  }

  /** A file's name in a message: whole, since its end is what tells it from others. */
  static String quote(Path file) {
    return "\"" + file.toString().replaceAll("\\p{Cntrl}", "?") + "\"";
  }

  private static Matcher match(String text, String example) {
    Matcher parts = NUMBER.matcher(text.trim());
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          text.isEmpty() ? "has no value; write " + example : quote(text) + " is not " + example);
    }
    if (parts.group(1).equals("-")) {
      throw new IllegalArgumentException(quote(text) + " must not be negative");
    }
    return parts;
  }

  private static BigDecimal number(Matcher parts) {
    String digits = parts.group(2);
    return digits.startsWith("0x") || digits.startsWith("0X")
        ? new BigDecimal(new BigInteger(digits.substring(2), 16))
        : new BigDecimal(digits);
  }

  private static long whole(String text, BigDecimal value) {
    BigDecimal whole = value.setScale(0, RoundingMode.DOWN);
    if (whole.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new IllegalArgumentException(quote(text) + " is too large");
    }
    return whole.longValueExact();
  }
}
