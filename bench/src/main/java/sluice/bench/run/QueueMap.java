package sluice.bench.run;

import java.util.List;
import java.util.stream.IntStream;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;

/**
 * Which of a drive's queues each of its users has: one for reads, and one for all else, which may
 * be the same.
 */
final class QueueMap {
  private final int count;
  private final int[] reads;
  private final int[] others;
  private final boolean[] isPolled;

  /**
   * @param reads by user
   * @param others by user
   * @param isPolled by queue
   */
  private QueueMap(int[] reads, int[] others, boolean[] isPolled) {
    this.count = isPolled.length;
    this.reads = reads;
    this.others = others;
    this.isPolled = isPolled;
  }

  /** How many queues there are, those that nobody has left out. */
  int count() {
    return count;
  }

  /** The queue through which a user reads. */
  int readsOf(int user) {
    return reads[user];
  }

  /** The queue through which it does all else. */
  int othersOf(int user) {
    return others[user];
  }

  /** Whether a queue goes without interrupts. */
  boolean isPolled(int queue) {
    return isPolled[queue];
  }

  /**
   * Gives the queues out in turns, as the kernel does to processors.
   *
   * @param most how many queues the drive has
   * @param jobs of the users; with {@code hipri} they want a queue without interrupts
   * @throws IllegalArgumentException if the drive has fewer than the layout
   */
  static QueueMap of(QueueLayout layout, int most, List<JobOptions> jobs) {
    int users = jobs.size();
    if (layout.equals(QueueLayout.ONE_EACH)) {
      int count = Math.min(users, most);
      int[] each = IntStream.range(0, users).map(user -> user % count).toArray();
      return new QueueMap(each, each, new boolean[count]);
    }
    if (layout.count() > most) {
      throw new IllegalArgumentException(
          "%s are %d queues, and the drive has %d".formatted(layout, layout.count(), most));
    }
    int[] reads = new int[users];
    int[] others = new int[users];
    int firstPolled = layout.standard() + layout.reads();
    int standardUsers = 0;
    int polledUsers = 0;
    for (int user = 0; user < users; user++) {
      if (layout.standard() == 0 || (jobs.get(user).get(Options.HIPRI) && layout.polled() > 0)) {
        others[user] = firstPolled + polledUsers++ % layout.polled();
        reads[user] = others[user];
      } else {
        others[user] = standardUsers % layout.standard();
        reads[user] =
            layout.reads() == 0 ? others[user] : layout.standard() + standardUsers % layout.reads();
        standardUsers++;
      }
    }
    return new QueueMap(reads, others, isPolled(layout)).withoutUnused();
  }

  private static boolean[] isPolled(QueueLayout layout) {
    boolean[] isPolled = new boolean[layout.count()];
    for (int queue = layout.standard() + layout.reads(); queue < isPolled.length; queue++) {
      isPolled[queue] = true;
    }
    return isPolled;
  }

  private QueueMap withoutUnused() {
    int[] used =
        IntStream.concat(IntStream.of(reads), IntStream.of(others)).distinct().sorted().toArray();
    boolean[] polled = new boolean[used.length];
    int[] place = new int[count];
    for (int i = 0; i < used.length; i++) {
      polled[i] = isPolled[used[i]];
      place[used[i]] = i;
    }
    return new QueueMap(
        IntStream.of(reads).map(queue -> place[queue]).toArray(),
        IntStream.of(others).map(queue -> place[queue]).toArray(),
        polled);
  }
}
