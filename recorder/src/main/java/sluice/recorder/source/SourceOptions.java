package sluice.recorder.source;

import java.util.Objects;
import java.util.function.LongSupplier;
import sluice.support.time.NanoClock;
import sluice.support.time.SystemNanoClock;

/**
 * What every source is told beside its address.
 *
 * @param clock stamps the bytes as they arrive
 * @param ticks the monotonic clock in nanoseconds, for ages, pauses and paces
 * @param maxSlotAgeNanos how long bytes may wait in a slot that does not fill up before they are
 *     committed; as a rule the durability interval of the recording
 * @param pollMillis how long a step may wait for bytes to arrive; 0 unless the source has a thread
 *     of its own
 */
public record SourceOptions(
    NanoClock clock, LongSupplier ticks, long maxSlotAgeNanos, int pollMillis) {
  private static final long DEFAULT_MAX_SLOT_AGE_NANOS = 1_000_000_000;

  public SourceOptions {
    Objects.requireNonNull(clock);
    Objects.requireNonNull(ticks);
    if (maxSlotAgeNanos <= 0) {
      throw new IllegalArgumentException(
          "the largest age of a slot must be more than 0, not " + maxSlotAgeNanos + " ns");
    }
    if (pollMillis < 0) {
      throw new IllegalArgumentException("cannot wait for " + pollMillis + " ms");
    }
  }

  /** The system's clocks, one second at the most in a slot, no waiting. */
  public static SourceOptions defaults() {
    return new SourceOptions(
        new SystemNanoClock(), System::nanoTime, DEFAULT_MAX_SLOT_AGE_NANOS, 0);
  }

  public SourceOptions withClocks(NanoClock clock, LongSupplier ticks) {
    return new SourceOptions(clock, ticks, maxSlotAgeNanos, pollMillis);
  }

  public SourceOptions withMaxSlotAgeNanos(long nanos) {
    return new SourceOptions(clock, ticks, nanos, pollMillis);
  }

  public SourceOptions withPollMillis(int millis) {
    return new SourceOptions(clock, ticks, maxSlotAgeNanos, millis);
  }
}
