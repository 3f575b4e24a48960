package sluice.bench.run;

import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.job.RateProcess;
import sluice.bench.load.Pace;
import sluice.bench.result.Direction;

/** How many I/Os a job may issue now: by its depth, its batches, its pace and its pauses. */
final class Throttle {
  private static final long SECOND = 1_000_000_000;

  private final int depth;
  private final int batch;
  private final int low;
  private final int leastReaped;
  private final Pace[] paces = new Pace[Direction.values().length];
  private final int[] mostBytes = new int[Direction.values().length];
  private final boolean paced;
  private final long leastRate;
  private final long thinkNanos;
  private final long thinkEvery;
  private final DepthSearch search;

  /** Null where the job goes by itself. */
  private final Flow.Share flow;

  private final long flowSleepNanos;
  private final int[] fresh;
  private int freshCount;
  private boolean filling = true;
  private int reaped;
  private long untilThinking;
  private boolean thinking;
  private long pauseNanos;
  private long quietUntil;
  private long measuredFrom;
  private long measuredBytes;

  /**
   * @param flow in which the job is; null for none
   */
  Throttle(JobOptions job, int depth, long seed, Flow flow) {
    this.depth = depth;
    this.flow = flow == null ? null : flow.share(job.get(Options.FLOW));
    flowSleepNanos = job.get(Options.FLOW_SLEEP);
    int asked = job.get(Options.IODEPTH_BATCH);
    batch = asked == 0 ? Integer.MAX_VALUE : asked;
    low = job.get(Options.IODEPTH_LOW);
    leastReaped = Math.min(depth, job.get(Options.IODEPTH_BATCH_COMPLETE_MIN));
    fresh = new int[depth];
    RateProcess process = job.get(Options.RATE_PROCESS);
    boolean any = false;
    long least = 0;
    for (Direction way : job.directions()) {
      long bytes = job.get(Options.RATE).of(way);
      long ios = job.get(Options.RATE_IOPS).of(way);
      if (bytes > 0 || ios > 0) {
        long waySeed = seed + 11 + way.number();
        paces[way.number()] =
            bytes > 0 ? Pace.ofBytes(bytes, process, waySeed) : Pace.ofIos(ios, process, waySeed);
        mostBytes[way.number()] = job.blockSizes().of(way).most();
        any = true;
      }
      least += job.get(Options.RATE_MIN).of(way);
    }
    paced = any;
    leastRate = least;
    thinkNanos = job.get(Options.THINKTIME);
    thinkEvery = job.get(Options.THINKTIME_BLOCKS);
    untilThinking = thinkEvery;
    long target = job.get(Options.LATENCY_TARGET);
    search =
        target == 0
            ? null
            : new DepthSearch(
                target,
                job.get(Options.LATENCY_WINDOW),
                job.get(Options.LATENCY_PERCENTILE),
                depth);
  }

  /** What looks for a depth; null if nothing does. */
  DepthSearch search() {
    return search;
  }

  boolean isPaced() {
    return paced;
  }

  /** Whether time alone can make an I/O possible. */
  boolean needsClock() {
    return paced || quietUntil != 0;
  }

  void begin(long now) {
    for (Pace pace : paces) {
      if (pace != null) {
        pace.start(now);
      }
    }
    if (search != null) {
      search.begin(now);
    }
    if (flow != null) {
      flow.join();
    }
    measureFrom(now);
  }

  /** The job issues no more. */
  void end() {
    if (flow != null) {
      flow.leave();
    }
  }

  /** Whether others in the job's flow come first; then it may rest. */
  boolean isHeldBack() {
    if (flow == null || !flow.isAhead()) {
      return false;
    }
    if (flowSleepNanos > 0) {
      thinking = true;
      pauseNanos = flowSleepNanos;
    }
    return true;
  }

  /** The job begins to be measured: what a ramp left behind its pace is not caught up with. */
  void measureFrom(long now) {
    measuredFrom = now;
    measuredBytes = 0;
    catchUp(now);
  }

  /** What should have been out by now and is not, is not due any more: the stream begins anew. */
  void catchUp(long now) {
    for (Pace pace : paces) {
      if (pace != null && pace.due() - now < 0) {
        pace.start(now);
      }
    }
  }

  /** Whether a way has a pace. */
  boolean isPaced(int way) {
    return way < paces.length && paces[way] != null;
  }

  /** How many bytes are due and not out, in all ways. */
  long waitingBytes(long now) {
    long bytes = 0;
    for (int way = 0; way < paces.length; way++) {
      if (paces[way] != null) {
        bytes += paces[way].waitingBytes(now, mostBytes[way]);
      }
    }
    return bytes;
  }

  /** How many may go out now, whether they are due or not. */
  int room(int inFlight, long now) {
    int most = search == null ? depth : search.depth();
    if (thinking && !hasThought(inFlight, now)) {
      return 0;
    }
    if (inFlight >= most) {
      filling = false;
      return 0;
    }
    if (inFlight == 0) {
      filling = true;
    } else if (!filling) {
      if (low > 0 ? inFlight > low : reaped < leastReaped) {
        return 0;
      }
      filling = true;
    }
    int room = Math.min(most - inFlight, batch);
    return thinkNanos > 0 ? (int) Math.min(room, untilThinking) : room;
  }

  /** What was out before a pause has come back, and the pause is over. */
  private boolean hasThought(int inFlight, long now) {
    if (inFlight > 0) {
      return false;
    }
    if (quietUntil == 0) {
      quietUntil = now + pauseNanos;
      return false;
    }
    if (now - quietUntil < 0) {
      return false;
    }
    thinking = false;
    quietUntil = 0;
    if (untilThinking == 0) {
      untilThinking = thinkEvery;
    }
    return true;
  }

  /** Whether the next I/O of a way should be out. */
  boolean isDue(int way, long now) {
    Pace pace = way < paces.length ? paces[way] : null;
    return pace == null || pace.due() - now <= 0;
  }

  /**
   * Which way is due first, where a mixed job has a pace for both: then their rates decide, not the
   * mix. Null where the mix does.
   */
  Direction dueFirst() {
    Pace reads = paces[Direction.READ.number()];
    Pace writes = paces[Direction.WRITE.number()];
    if (reads == null || writes == null) {
      return null;
    }
    return reads.due() - writes.due() <= 0 ? Direction.READ : Direction.WRITE;
  }

  /** When an I/O of a way should be out. */
  long due(int way, long now) {
    Pace pace = way < paces.length ? paces[way] : null;
    return pace == null ? now : pace.due();
  }

  /** An I/O goes out with the next doorbell. */
  void issued(int slot, int way, int length) {
    fresh[freshCount++] = slot;
    if (way < paces.length) {
      if (paces[way] != null) {
        paces[way].issued(length);
      }
      if (thinkNanos > 0 && --untilThinking == 0) {
        thinking = true;
        pauseNanos = thinkNanos;
      }
      if (flow != null) {
        flow.issued();
      }
    }
  }

  /** The doorbell was rung. */
  void stamp(Slots slots, long issued) {
    for (int i = 0; i < freshCount; i++) {
      slots.issued[fresh[i]] = issued;
    }
    freshCount = 0;
    reaped = 0;
  }

  void reaped(int count) {
    reaped += count;
  }

  /** How long nothing can become possible by time alone, 1 at least and {@code most} at most. */
  long patience(long now, long most) {
    long until = most;
    if (quietUntil != 0) {
      until = Math.min(until, quietUntil - now);
    }
    for (Pace pace : paces) {
      if (pace != null) {
        until = Math.min(until, pace.due() - now);
      }
    }
    return Math.max(1, until);
  }

  /** Whether less than {@code rate_min} was done in the last second or longer. */
  boolean isTooSlow(long now, long bytes) {
    if (leastRate == 0 || now - measuredFrom < SECOND) {
      return false;
    }
    double rate = (bytes - measuredBytes) * 1e9 / (now - measuredFrom);
    measuredFrom = now;
    measuredBytes = bytes;
    return rate < leastRate;
  }
}
