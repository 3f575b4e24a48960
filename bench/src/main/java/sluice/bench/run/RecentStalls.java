package sluice.bench.run;

/** The last stalls of a thread: how much of an I/O's time fell into them. Allocates nothing. */
final class RecentStalls {
  private static final int KEPT = 32;

  private final long[] begins = new long[KEPT];
  private final long[] ends = new long[KEPT];
  private long count;

  void add(long begin, long end) {
    begins[(int) (count % KEPT)] = begin;
    ends[(int) (count % KEPT)] = end;
    count++;
  }

  void reset() {
    count = 0;
  }

  /** How long stalls were together between two times, as far as they are still known. */
  long nanosBetween(long from, long to) {
    long nanos = 0;
    for (long i = Math.max(0, count - KEPT); i < count; i++) {
      long begin = Math.max(from, begins[(int) (i % KEPT)]);
      long end = Math.min(to, ends[(int) (i % KEPT)]);
      nanos += Math.max(0, end - begin);
    }
    return nanos;
  }
}
