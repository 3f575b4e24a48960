package sluice.bench.run;

import sluice.bench.result.Pauses;
import sluice.bench.result.Stalls;

/**
 * Tells the drive's pauses, in which it had commands and completed none, from the stalls of this
 * machine, in which nobody looked whether it had. Told by one thread; allocates nothing.
 *
 * <p>A drive that is seen to have nothing for a while before a stall and after it had nothing in it
 * either. Where it completes something sooner nobody knows since when that was there, or whether a
 * drive in software stood still as well: the stall is left out of the silence then. And a silence
 * of which less than a pause was seen is none.
 */
final class PauseMeter {
  /** So much less than a pause is a stall, that a pause is known to a tenth of the shortest. */
  private static final int STALLS_PER_PAUSE = 10;

  private final long threshold;
  private final long stallThreshold;
  private final SpanCount pauses = new SpanCount();
  private final SpanCount stalls = new SpanCount();
  private long latencies;

  /** What times are counted from. */
  private long origin;

  private long silentSince;
  private long looked;

  /** Whether a poll has found nothing since the last look. */
  private boolean foundNothing;

  /** Whether there was a stall that may or may not be in a silence of the drive. */
  private boolean unknown;

  private long unknownSince;
  private long stallEnd;

  /** Stalls in this silence that may belong to it, and those that do. */
  private long unknownNanos;

  private long unseenNanos;

  /** How long the thread may have slept by its own will since the last look. */
  private long slept;

  PauseMeter(long thresholdNanos) {
    threshold = thresholdNanos;
    stallThreshold = Math.max(1, thresholdNanos / STALLS_PER_PAUSE);
  }

  /** A job begins, or its ramp has ended: all is forgotten. */
  void begin(long now) {
    pauses.reset();
    stalls.reset();
    latencies = 0;
    origin = now;
    silentSince = now;
    looked = now;
    unseenNanos = 0;
    foundNothing = false;
    forget();
    slept = 0;
  }

  /** Commands went out, and none was out before. */
  void awake(long now) {
    silentSince = now;
    unseenNanos = 0;
    forget();
  }

  private void forget() {
    unknown = false;
    unknownNanos = 0;
  }

  /** A poll has found nothing. */
  void foundNothing() {
    foundNothing = true;
  }

  /**
   * Its thread has slept until something completed or for a time, so that it was there.
   *
   * @param most how long, if it was woken in time
   */
  void slept(long most) {
    slept = most;
  }

  /** The clock was read. After a poll that has found nothing, or before what it found is told. */
  void look(long now) {
    if (foundNothing && unknown && looked - stallEnd >= stallThreshold) {
      if (unknownSince - silentSince >= stallThreshold) {
        unseenNanos += unknownNanos;
      } else {
        silentSince = stallEnd;
      }
      forget();
    }
    foundNothing = false;
    long nanos = now - looked;
    if (nanos - slept >= stallThreshold) {
      stalls.add(looked - origin, nanos);
      unknownNanos += nanos;
      unknownSince = unknown ? unknownSince : looked;
      unknown = true;
      stallEnd = now;
    }
    looked = now;
    slept = 0;
  }

  /**
   * Commands have completed, as a poll found out just before the last {@link #look}.
   *
   * @param count how many
   */
  void completed(int count, long now) {
    long until = now;
    if (unknown) {
      forget();
      latencies += count;
      until = unknownSince;
    }
    long silence = until - silentSince;
    if (silence - unseenNanos >= threshold) {
      pauses.add(silentSince - origin, silence);
    }
    silentSince = now;
    unseenNanos = 0;
  }

  /**
   * @param bytesPerSecond the rate that was measured
   */
  Pauses pauses(double bytesPerSecond) {
    long heldUp = (long) Math.ceil(pauses.longestNanos() * bytesPerSecond / 1e9);
    return new Pauses(
        threshold,
        pauses.count(),
        pauses.totalNanos(),
        pauses.longestNanos(),
        heldUp,
        pauses.spans());
  }

  Stalls stalls() {
    return new Stalls(
        stallThreshold,
        stalls.count(),
        stalls.totalNanos(),
        stalls.longestNanos(),
        latencies,
        stalls.spans());
  }
}
