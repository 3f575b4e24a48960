package sluice.support.time;

/**
 * The time of day, for stamping bytes as they arrive. Injected, so that tests assert exact times.
 */
@FunctionalInterface
public interface NanoClock {
  /** Nanoseconds since 1970-01-01T00:00:00Z. Does not allocate. */
  long nanos();
}
