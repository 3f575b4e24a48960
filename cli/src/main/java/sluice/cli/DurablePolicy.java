package sluice.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import sluice.recorder.write.FlushPolicy;
import sluice.support.text.Units;

/**
 * When a recording is made durable, as the value of an option: {@code end}, {@code always}, or a
 * time, a size, or both with a comma between them: {@code every=1s,64M}.
 */
final class DurablePolicy implements ITypeConverter<FlushPolicy> {
  private static final String PREFIX = "every=";

  @Override
  public FlushPolicy convert(String text) {
    return switch (text) {
      case "end" -> FlushPolicy.atEnd();
      case "always" -> FlushPolicy.always();
      default -> limits(text);
    };
  }

  private static FlushPolicy limits(String text) {
    String list = text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text;
    long nanos = Long.MAX_VALUE;
    long bytes = Long.MAX_VALUE;
    try {
      for (String limit : list.split(",", -1)) {
        if (limit.endsWith("m")) {
          throw new TypeConversionException(
              "\"" + limit + "\" could be minutes or MiB: write min or M");
        }
        if (limit.matches(".*(s|min|h)")) {
          nanos = Units.parseDuration(limit);
        } else {
          bytes = Units.parseSize(limit);
        }
      }
      return new FlushPolicy(bytes, nanos, false);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(
          e.getMessage() + "; write every=1s, every=64M, every=1s,64M, end or always");
    }
  }
}
