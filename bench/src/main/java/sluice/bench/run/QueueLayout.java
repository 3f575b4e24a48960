package sluice.bench.run;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many queues of a drive there are for what, as Linux' driver names them.
 *
 * @param standard for all that has no queue of its own, 1 or more unless there are polled ones
 * @param reads for reads; 0 if they go with the others
 * @param polled without interrupts, for jobs with {@code hipri}; for all jobs if there are no
 *     others
 */
public record QueueLayout(int standard, int reads, int polled) {
  /** A queue for each job and clone, as far as there are as many. */
  public static final QueueLayout ONE_EACH = new QueueLayout(0, 0, 0);

  private static final Pattern WRITTEN = Pattern.compile("(\\d{1,4})/(\\d{1,4})/(\\d{1,4})");

  /**
   * Reads one, as {@code 4/0/0}: standard, reads, polled.
   *
   * @throws IllegalArgumentException if it is none; one line
   */
  public static QueueLayout parse(String text) {
    Matcher numbers = WRITTEN.matcher(text);
    if (!numbers.matches()) {
      throw new IllegalArgumentException(
          "'%s' are no queues: give default/read/poll queues, as 4/0/0 or 1/1/0 or 0/0/1"
              .formatted(text));
    }
    QueueLayout layout =
        new QueueLayout(
            Integer.parseInt(numbers.group(1)),
            Integer.parseInt(numbers.group(2)),
            Integer.parseInt(numbers.group(3)));
    if (layout.standard == 0 && (layout.reads > 0 || layout.polled == 0)) {
      throw new IllegalArgumentException(
          "%s: %s"
              .formatted(
                  text,
                  layout.reads > 0
                      ? "there are queues for reads, and none for the rest"
                      : "there are no queues"));
    }
    return layout;
  }

  /** How many there are in all; 0 of {@link #ONE_EACH}. */
  public int count() {
    return standard + reads + polled;
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return standard + "/" + reads + "/" + polled;
  }
}
