package sluice.bench.job;

import java.util.function.Function;
import sluice.bench.result.Direction;

/** A value for each direction: what fio writes as {@code READ,WRITE,TRIM}. */
public record PerDirection<T>(T read, T write, T trim) {
  /** The same for all. */
  public static <T> PerDirection<T> all(T value) {
    return new PerDirection<>(value, value, value);
  }

  /** The value of a direction. */
  public T of(Direction direction) {
    return switch (direction) {
      case READ -> read;
      case WRITE -> write;
      case TRIM -> trim;
    };
  }

  /**
   * Reads up to three values with commas between them. Trims take the last that is given; another
   * that is left out is the standard one.
   */
  static <T> PerDirection<T> parse(String text, Function<String, T> value, T standard) {
    String[] parts = text.split(",", -1);
    if (parts.length > 3) {
      throw new IllegalArgumentException("there are three directions, not " + parts.length);
    }
    if (parts.length == 1) {
      return all(value.apply(parts[0].trim()));
    }
    T read = part(parts, 0, value, standard);
    T write = part(parts, 1, value, standard);
    return new PerDirection<>(
        read, write, parts.length > 2 ? part(parts, 2, value, standard) : write);
  }

  private static <T> T part(String[] parts, int index, Function<String, T> value, T standard) {
    String part = parts[index].trim();
    return part.isEmpty() ? standard : value.apply(part);
  }
}
