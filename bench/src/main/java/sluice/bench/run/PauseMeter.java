package sluice.bench.run;

import java.util.function.LongSupplier;
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
 *
 * <p>A drive in software also has threads that this machine may have no time for, or waits for the
 * thread of another job that is in its turn: such time counts as a stall as well.
 */
public final class PauseMeter {
  /** So much less than a pause is a stall, that a pause is known to a tenth of the shortest. */
  private static final int STALLS_PER_PAUSE = 10;

  private final long threshold;
  private final long stallThreshold;
  private final LongSupplier driveStalls;
  private final SpanCount pauses = new SpanCount();
  private final SpanCount stalls = new SpanCount();
  private final RecentStalls recent = new RecentStalls();
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

  /** How long the drive had not run in all when this silence began. */
  private long driveStalledBefore;

  /** How long the thread may have slept by its own will since the last look. */
  private long slept;

  /**
   * @param driveStalls how long a drive in software did not run in all, as this machine had no time
   *     for it
   */
  public PauseMeter(long thresholdNanos, LongSupplier driveStalls) {
    threshold = thresholdNanos;
    this.driveStalls = driveStalls;
    stallThreshold = Math.max(1, thresholdNanos / STALLS_PER_PAUSE);
  }

  /** A job begins, or its ramp has ended: all is forgotten. */
  public void begin(long now) {
    pauses.reset();
    stalls.reset();
    recent.reset();
    latencies = 0;
    origin = now;
    looked = now;
    foundNothing = false;
    slept = 0;
    beginSilence(now);
  }

  /** Commands went out, and none was out before. */
  public void awake(long now) {
    beginSilence(now);
  }

  private void beginSilence(long now) {
    silentSince = now;
    unseenNanos = 0;
    driveStalledBefore = driveStalls.getAsLong();
    forget();
  }

  private void forget() {
    unknown = false;
    unknownNanos = 0;
  }

  /** A poll has found nothing. */
  public void foundNothing() {
    foundNothing = true;
  }

  /**
   * Its thread has slept until something completed or for a time, so that it was there.
   *
   * @param most how long, if it was woken in time
   */
  public void slept(long most) {
    slept = most;
  }

  /** The clock was read. After a poll that has found nothing, or before what it found is told. */
  public void look(long now) {
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
      recent.add(looked, now);
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
  public void completed(int count, long now) {
    long until = now;
    if (unknown) {
      forget();
      latencies += count;
      until = unknownSince;
    }
    long silence = until - silentSince;
    if (silence - unseenNanos >= threshold) {
      addPause(silence, driveStalls.getAsLong() - driveStalledBefore);
    }
    beginSilence(now);
  }

  /**
   * Adds a pause, without the time in which the drive did not run. Some of that may be a stall of
   * this thread too: rather a pause is told too short than a stall a pause.
   */
  private void addPause(long silence, long driveStalled) {
    long unseen = Math.max(0, driveStalled);
    if (unseen >= stallThreshold) {
      stalls.add(silentSince - origin, Math.min(unseen, silence));
    }
    if (silence - unseen - unseenNanos >= threshold) {
      pauses.add(silentSince - origin, silence - unseen);
    }
  }

  /**
   * For how long of an I/O's time this machine was not there: nobody looked, or a drive in software
   * did not run in the silence that has just ended.
   *
   * @param from when it went out
   * @param now when it was seen to be done, before {@link #completed} is told
   */
  long stalledNanos(long from, long now) {
    long unseen = driveStalls.getAsLong() - driveStalledBefore;
    long drives = unseen >= stallThreshold ? Math.min(unseen, now - from) : 0;
    return Math.max(drives, recent.nanosBetween(from, now));
  }

  /**
   * @param bytesPerSecond the rate that was measured
   */
  public Pauses pauses(double bytesPerSecond) {
    long heldUp = (long) Math.ceil(pauses.longestNanos() * bytesPerSecond / 1e9);
    return new Pauses(
        threshold,
        pauses.count(),
        pauses.totalNanos(),
        pauses.longestNanos(),
        heldUp,
        pauses.spans());
  }

  public Stalls stalls() {
    return new Stalls(
        stallThreshold,
        stalls.count(),
        stalls.totalNanos(),
        stalls.longestNanos(),
        latencies,
        stalls.spans());
  }
}
