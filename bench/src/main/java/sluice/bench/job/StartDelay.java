package sluice.bench.job;

/**
 * How long after its group a job begins: anything between two times, in nanoseconds.
 *
 * @param least the shortest
 * @param most the longest
 */
public record StartDelay(long least, long most) {
  /** With its group. */
  public static final StartDelay NONE = new StartDelay(0, 0);

  private static final long SECOND = 1_000_000_000;

  static StartDelay parse(String text) {
    int dash = text.indexOf('-', 1);
    if (dash < 0) {
      long delay = Values.duration(text, SECOND);
      return new StartDelay(delay, delay);
    }
    long one = Values.duration(text.substring(0, dash), SECOND);
    long other = Values.duration(text.substring(dash + 1), SECOND);
    return new StartDelay(Math.min(one, other), Math.max(one, other));
  }
}
