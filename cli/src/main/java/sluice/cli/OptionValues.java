package sluice.cli;

import java.util.function.ToLongFunction;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import sluice.support.text.Units;

/** Sizes, rates and durations as values of options, written as {@link Units} reads them. */
final class OptionValues {
  private OptionValues() {}

  /** Bytes. */
  static final class Size implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      return parse(text, Units::parseSize);
    }
  }

  /** Bytes per second. */
  static final class Rate implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      return parse(text, Units::parseRate);
    }
  }

  /** Nanoseconds. */
  static final class Duration implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      return parse(text, Units::parseDuration);
    }
  }

  /**
   * A size that commands can have.
   *
   * @throws IllegalArgumentException if it is more than an int holds
   */
  static int wholeInt(String option, long value) {
    if (value > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(option + " is too large: " + value);
    }
    return (int) value;
  }

  private static long parse(String text, ToLongFunction<String> parser) {
    try {
      return parser.applyAsLong(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
