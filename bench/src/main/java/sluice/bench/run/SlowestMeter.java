package sluice.bench.run;

import java.util.Comparator;
import java.util.stream.IntStream;
import sluice.bench.result.SlowIo;
import sluice.bench.result.SlowestIos;

/** Keeps a job's slowest I/Os. Told by one thread; allocates nothing then. */
final class SlowestMeter {
  private final IoNames names;
  private final int[] port;
  private final int[] way;
  private final int[] length;
  private final int[] others;
  private final long[] offset;
  private final long[] start;
  private final long[] latency;
  private final long[] stalled;
  private int kept;

  /** What is not longer than this is not among the slowest. */
  private long floor;

  /** Where the least slow is, if all places are taken. */
  private int least;

  /**
   * @param most how many are kept, 0 to {@link SlowestIos#MOST}
   */
  SlowestMeter(int most, IoNames names) {
    this.names = names;
    port = new int[most];
    way = new int[most];
    length = new int[most];
    others = new int[most];
    offset = new long[most];
    start = new long[most];
    latency = new long[most];
    stalled = new long[most];
    reset();
  }

  void reset() {
    kept = 0;
    floor = latency.length == 0 ? Long.MAX_VALUE : -1;
  }

  /** Whether an I/O with this latency is among the slowest until now. */
  boolean takes(long nanos) {
    return nanos > floor;
  }

  /**
   * Keeps one that it {@link #takes}.
   *
   * @param stalledNanos for how long of its latency this machine was not there
   */
  void add(
      int itsPort,
      int itsWay,
      int itsLength,
      long itsOffset,
      long itsStart,
      long nanos,
      int othersOut,
      long stalledNanos) {
    int at = kept < latency.length ? kept++ : least;
    port[at] = itsPort;
    way[at] = itsWay;
    length[at] = itsLength;
    others[at] = othersOut;
    offset[at] = itsOffset;
    start[at] = itsStart;
    latency[at] = nanos;
    stalled[at] = stalledNanos;
    if (kept == latency.length) {
      least = 0;
      for (int i = 1; i < kept; i++) {
        least = latency[i] < latency[least] ? i : least;
      }
      floor = latency[least];
    }
  }

  SlowestIos result() {
    return new SlowestIos(
        latency.length,
        IntStream.range(0, kept)
            .mapToObj(i ->
                new SlowIo(
                    names.of(port[i], way[i], offset[i], length[i], start[i]),
                    latency[i],
                    others[i],
                    stalled[i]))
            .sorted(Comparator.comparingLong(SlowIo::nanos).reversed())
            .toList());
  }
}
