package sluice.recorder.stream;

import java.util.function.LongSupplier;
import sluice.support.text.Units;

/**
 * A rate held exactly: how many bytes are due since the start, without an error that adds up. The
 * start is the first time that it is asked. Used by one thread.
 */
public final class Pace {
  /** More than any memory takes: a rate above it is a slip of the pen. */
  public static final long MAX_BYTES_PER_SECOND = 100_000_000_000L;

  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final long bytesPerSecond;
  private final LongSupplier ticks;
  private boolean started;
  private long start;

  /**
   * @param bytesPerSecond 1 to {@link #MAX_BYTES_PER_SECOND}
   * @param ticks the monotonic clock in nanoseconds
   */
  public Pace(long bytesPerSecond, LongSupplier ticks) {
    if (bytesPerSecond < 1 || bytesPerSecond > MAX_BYTES_PER_SECOND) {
      throw new IllegalArgumentException(
          "impossible rate: %s; it must be from 1 B/s to %s"
              .formatted(
                  Units.formatRate((double) bytesPerSecond),
                  Units.formatRate((double) MAX_BYTES_PER_SECOND)));
    }
    this.bytesPerSecond = bytesPerSecond;
    this.ticks = ticks;
  }

  public long bytesPerSecond() {
    return bytesPerSecond;
  }

  /** Nanoseconds since the start. */
  public long elapsed() {
    long now = ticks.getAsLong();
    if (!started) {
      started = true;
      start = now;
    }
    return now - start;
  }

  /** Bytes due after so many nanoseconds, rounded down. */
  public long due(long elapsedNanos) {
    long seconds = elapsedNanos / NANOS_PER_SECOND;
    return seconds * bytesPerSecond + fraction(elapsedNanos % NANOS_PER_SECOND);
  }

  /** Nanoseconds that so many bytes take, rounded down; not exact beyond some days. */
  public long nanosFor(long bytes) {
    return (long) ((double) bytes / (double) bytesPerSecond * NANOS_PER_SECOND);
  }

  /** {@code nanos * bytesPerSecond / 1e9} in two parts, neither of which overflows. */
  private long fraction(long nanos) {
    long gigabytes = bytesPerSecond / NANOS_PER_SECOND;
    long rest = bytesPerSecond % NANOS_PER_SECOND;
    return nanos * gigabytes + nanos * rest / NANOS_PER_SECOND;
  }
}
