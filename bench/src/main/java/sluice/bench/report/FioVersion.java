package sluice.bench.report;

/** Which fio reports are like; programs ask for the beginning. */
public final class FioVersion {
  private static final String FORMAT = "fio-3.33-";

  private FioVersion() {}

  /**
   * As a fio of a version of its own says it: {@code fio-3.33-sluice-0.1.0}.
   *
   * @param own what makes the reports
   */
  public static String of(String own) {
    return FORMAT + own;
  }
}
