package sluice.bench.job;

/**
 * How jobs are read where fio and a driver of one's own differ.
 *
 * @param isLenient whether options of fio's that change the load and are not done here are left
 *     out, and told, rather than refused
 * @param isFios whether they are read as fio reads them: a job that names no engine has fio's
 *     standard one, whose depth is 1, and nothing is said of options without meaning here
 */
public record Dialect(boolean isLenient, boolean isFios) {
  /** Ours. */
  public static final Dialect OWN = new Dialect(false, false);

  /** Ours, with a blind eye. */
  public static final Dialect LENIENT = new Dialect(true, false);
}
