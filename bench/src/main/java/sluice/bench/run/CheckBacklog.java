package sluice.bench.run;

/**
 * What was written and is still to be verified ({@code verify_backlog}), the oldest first. Used by
 * one thread; allocates nothing after construction.
 */
final class CheckBacklog {
  private final int every;
  private final int batch;
  private final int[] ports;
  private final int[] lengths;
  private final long[] offsets;
  private final long[] numbers;
  private int first;
  private int size;
  private int left;

  /**
   * @param every after how many that are to be verified a batch of them is, 1 or more
   * @param batch how many are verified then; 0 for all
   */
  CheckBacklog(int every, int batch) {
    this.every = every;
    this.batch = batch == 0 ? every : Math.min(batch, every);
    ports = new int[every];
    lengths = new int[every];
    offsets = new long[every];
    numbers = new long[every];
  }

  /** Something was written; there has to be no batch that is due. */
  void add(int port, long offset, int length, long number) {
    int at = (first + size) % every;
    ports[at] = port;
    offsets[at] = offset;
    lengths[at] = length;
    numbers[at] = number;
    size++;
    if (size == every) {
      left = batch;
    }
  }

  /** Whether there is one to be verified before anything else is written. */
  boolean isDue() {
    return left > 0;
  }

  boolean isEmpty() {
    return size == 0;
  }

  // The oldest, if there is any.

  int port() {
    return ports[first];
  }

  long offset() {
    return offsets[first];
  }

  int length() {
    return lengths[first];
  }

  long number() {
    return numbers[first];
  }

  /** The oldest is verified. */
  void remove() {
    first = (first + 1) % every;
    size--;
    left = Math.max(0, left - 1);
  }

  void clear() {
    size = 0;
    left = 0;
  }
}
