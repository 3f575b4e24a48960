package sluice.bench.job;

/** The option {@code verify}: how what was written is known again. */
public enum Verification {
  /** It is not. */
  NONE,
  /** By a header in each block that says where it belongs. */
  META,
  /** By such a header with a CRC-32C of what follows. */
  CRC32C,
  /** By a pattern that is all there is, without a header. */
  PATTERN;

  /** Whether blocks begin with a header. */
  public boolean hasHeader() {
    return this == META || this == CRC32C;
  }
}
