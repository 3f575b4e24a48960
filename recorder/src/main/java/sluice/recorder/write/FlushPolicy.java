package sluice.recorder.write;

import java.time.Duration;

/**
 * When what was written is made durable. Whichever limit comes first counts; at the end it is made
 * durable in any case.
 *
 * @param everyBytes at the latest after so many bytes of the stream; {@link Long#MAX_VALUE} for no
 *     such limit
 * @param everyNanos at the latest after so long; {@link Long#MAX_VALUE} for no such limit
 * @param forceUnitAccess whether each write itself is durable when it completes, of the data and of
 *     the index that tells of it: then no Flush is needed, and the limits mean nothing
 */
public record FlushPolicy(long everyBytes, long everyNanos, boolean forceUnitAccess) {
  public FlushPolicy {
    if (everyBytes <= 0 || everyNanos <= 0) {
      throw new IllegalArgumentException("a flush needs more than 0 bytes or time between");
    }
  }

  /** Once a second. */
  public static FlushPolicy standard() {
    return every(Duration.ofSeconds(1));
  }

  /** Each write by itself, as soon as it is made. */
  public static FlushPolicy always() {
    return new FlushPolicy(1, Long.MAX_VALUE, true);
  }

  public static FlushPolicy atEnd() {
    return new FlushPolicy(Long.MAX_VALUE, Long.MAX_VALUE, false);
  }

  public static FlushPolicy every(Duration time) {
    return new FlushPolicy(Long.MAX_VALUE, time.toNanos(), false);
  }

  public static FlushPolicy every(long bytes) {
    return new FlushPolicy(bytes, Long.MAX_VALUE, false);
  }
}
