package sluice.bench.result;

import java.util.Locale;

/** Which way data go. In the order of fio's numbers, 0 to 2. */
public enum Direction {
  READ(0),
  WRITE(1),
  TRIM(2);

  private final int number;

  Direction(int number) {
    this.number = number;
  }

  /** The name as fio's reports and job files have it: {@code read}, {@code write}, {@code trim}. */
  public String lowerCase() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The number that fio's log files have for it. */
  public int number() {
    return number;
  }

  /** The direction of a number. */
  static Direction ofNumber(int number) {
    return switch (number) {
      case 0 -> READ;
      case 1 -> WRITE;
      case 2 -> TRIM;
      default -> throw new IllegalArgumentException("no direction has the number " + number);
    };
  }
}
