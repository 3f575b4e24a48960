package sluice.bench.run;

import java.time.Instant;
import java.util.function.BiConsumer;
import sluice.bench.result.StuckIo;

/**
 * Which single I/Os are told.
 *
 * @param stuckNanos how long an I/O is out when it is told to be stuck; 0 for never
 * @param onStuck told once when an I/O is stuck and once when that is over, and since when it was
 *     out; while the run goes on, on the thread that runs the bench
 */
public record Outliers(long stuckNanos, BiConsumer<StuckIo, Instant> onStuck) {
  private static final long SECOND = 1_000_000_000;

  /** A second, and nobody is told before the result. */
  public static final Outliers STANDARD = new Outliers(SECOND, (stuck, since) -> {});

  public Outliers {
    if (stuckNanos < 0) {
      throw new IllegalArgumentException("I/Os are stuck after 0 or more, not " + stuckNanos);
    }
  }
}
