package sluice.bench.run;

import java.util.function.LongSupplier;

/**
 * The time of a worker's last look at the clock: reading it costs as much as a good part of an I/O,
 * so what happens at once has one time. Used by the worker's thread.
 */
final class Now {
  private final LongSupplier clock;
  private final Meter meter;
  private long nanos;

  /**
   * @param meter told of each look once it was begun
   */
  Now(LongSupplier clock, Meter meter) {
    this.clock = clock;
    this.meter = meter;
  }

  /** When the last look was. */
  long nanos() {
    return nanos;
  }

  /** Looks before there is anything to measure. */
  long lookBefore() {
    nanos = clock.getAsLong();
    return nanos;
  }

  /** Looks at the clock. */
  long look() {
    nanos = clock.getAsLong();
    meter.look(nanos);
    return nanos;
  }

  /** The time now, with which the last look stays what it was for all else. */
  long peek() {
    long now = clock.getAsLong();
    meter.look(now);
    return now;
  }
}
