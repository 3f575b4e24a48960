package sluice.bench.run;

import java.time.Instant;
import java.util.function.BiConsumer;
import sluice.bench.result.SlowestIos;
import sluice.bench.result.StuckIo;

/**
 * Which single I/Os are told.
 *
 * @param stuckNanos how long an I/O is out when it is told to be stuck; 0 for never
 * @param slowest how many of each clone's slowest I/Os are told, 0 to {@link SlowestIos#MOST}
 * @param onStuck told once when an I/O is stuck and once when that is over, and since when it was
 *     out; while the run goes on, on the thread that runs the bench
 */
public record Outliers(long stuckNanos, int slowest, BiConsumer<StuckIo, Instant> onStuck) {
  private static final long SECOND = 1_000_000_000;

  /** After a second, and the ten slowest; nobody is told before the result. */
  public static final Outliers STANDARD = new Outliers(SECOND, 10, (stuck, since) -> {});

  static final Outliers NONE = new Outliers(0, 0, (stuck, since) -> {});

  public Outliers {
    if (stuckNanos < 0) {
      throw new IllegalArgumentException("I/Os are stuck after 0 or more, not " + stuckNanos);
    }
    if (slowest < 0 || slowest > SlowestIos.MOST) {
      throw new IllegalArgumentException(
          "0 to %d of the slowest I/Os can be told, not %d".formatted(SlowestIos.MOST, slowest));
    }
  }
}
