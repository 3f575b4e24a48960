package sluice.recorder;

/**
 * The system's time of day in nanoseconds, without allocation.
 *
 * <p>Counts with the monotonic clock from an anchor, so that it has its resolution, and takes a new
 * anchor when it has drifted from the system's clock: when that clock was set or slewed, time may
 * step by as much, forwards or backwards. One instance per thread.
 */
public final class SystemNanoClock implements NanoClock {
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** The system's clock is read in milliseconds, so anything below 1 ms of difference is normal. */
  private static final long MAX_DRIFT = 2 * NANOS_PER_MILLI;

  private long offset = anchor();

  @Override
  public long nanos() {
    long now = System.nanoTime() + offset;
    long drift = System.currentTimeMillis() * NANOS_PER_MILLI - now;
    if (drift > MAX_DRIFT || drift < -MAX_DRIFT) {
      offset = anchor();
      now = System.nanoTime() + offset;
    }
    return now;
  }

  private static long anchor() {
    return System.currentTimeMillis() * NANOS_PER_MILLI - System.nanoTime();
  }
}
