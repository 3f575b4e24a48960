package sluice.bench.job;

import java.util.Locale;

/**
 * The option {@code file_service_type}: in which order a job with several files goes to them.
 *
 * @param order of the files
 * @param ios how many I/Os go to a file before the next is chosen
 */
public record FileService(Order order, long ios) {
  /** What fio does when it is not told. */
  public static final FileService STANDARD = new FileService(Order.ROUNDROBIN, 1);

  /** What fio calls them. */
  public enum Order {
    RANDOM,
    ROUNDROBIN,
    /** One to its end, then the next. */
    SEQUENTIAL
  }

  static FileService parse(String text) {
    int colon = text.indexOf(':');
    String name = (colon < 0 ? text : text.substring(0, colon)).trim().toLowerCase(Locale.ROOT);
    long ios = colon < 0 ? 1 : Values.integer(text.substring(colon + 1), 1, Integer.MAX_VALUE);
    return new FileService(Values.choice(name, Order.class), ios);
  }
}
