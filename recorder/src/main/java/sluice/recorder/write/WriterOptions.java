package sluice.recorder.write;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How a {@link StreamWriter} works.
 *
 * @param depth writes of data in flight at the most
 * @param flush when what was written is made durable
 * @param pauseThreshold how long no write may complete, though some are in flight, before it counts
 *     as a pause of the drive
 * @param stopTimeout how long a producer that was told to stop is waited for
 * @param nanoClock monotonic nanoseconds
 * @param wallClock nanoseconds since the epoch
 */
public record WriterOptions(
    int depth,
    FlushPolicy flush,
    Duration pauseThreshold,
    Duration stopTimeout,
    LongSupplier nanoClock,
    LongSupplier wallClock) {

  public WriterOptions {
    if (depth < 1) {
      throw new IllegalArgumentException("a writer needs 1 write in flight at least");
    }
  }

  /** 32 writes in flight, a flush each second, pauses from 5 ms, the system's clocks. */
  public static WriterOptions standard(LongSupplier wallClock) {
    return new WriterOptions(
        32,
        FlushPolicy.standard(),
        Duration.ofMillis(5),
        Duration.ofSeconds(1),
        System::nanoTime,
        wallClock);
  }

  public WriterOptions withDepth(int newDepth) {
    return new WriterOptions(newDepth, flush, pauseThreshold, stopTimeout, nanoClock, wallClock);
  }

  public WriterOptions withFlush(FlushPolicy policy) {
    return new WriterOptions(depth, policy, pauseThreshold, stopTimeout, nanoClock, wallClock);
  }

  public WriterOptions withPauseThreshold(Duration threshold) {
    return new WriterOptions(depth, flush, threshold, stopTimeout, nanoClock, wallClock);
  }

  public WriterOptions withStopTimeout(Duration timeout) {
    return new WriterOptions(depth, flush, pauseThreshold, timeout, nanoClock, wallClock);
  }

  public WriterOptions withNanoClock(LongSupplier clock) {
    return new WriterOptions(depth, flush, pauseThreshold, stopTimeout, clock, wallClock);
  }

  public WriterOptions withWallClock(LongSupplier clock) {
    return new WriterOptions(depth, flush, pauseThreshold, stopTimeout, nanoClock, clock);
  }
}
