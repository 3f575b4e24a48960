package sluice.recorder.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The counters of a ring that its two sides show each other, each side's alone on its pair of cache
 * lines (processors prefetch lines in pairs), so that a store by one side does not take the line
 * from under the other side.
 */
final class RingCounters {
  private static final VarHandle COUNTER = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int PAD = 16;

  // Stored by the producer.
  /** Slots committed. */
  static final int COMMITTED = PAD;

  /** Bytes of the stream that were committed. */
  static final int COMMITTED_BYTES = COMMITTED + 1;

  /** Bytes of the stream that were lost. */
  static final int LOST_BYTES = COMMITTED + 2;

  /** The count of slots at which the stream ended, or -1; stored once. */
  static final int END = COMMITTED + 3;

  // Stored by the consumer.
  /** Slots released. */
  static final int RELEASED = COMMITTED + 2 * PAD;

  /** Most slots ever occupied at once. */
  static final int HIGH_WATER = RELEASED + 1;

  /** 1 when the consumer takes no more. */
  static final int STOPPED = RELEASED + 2;

  private final long[] counters = new long[RELEASED + 2 * PAD];

  RingCounters() {
    setRelease(END, -1);
  }

  /** For who stores it. */
  long get(int counter) {
    return (long) COUNTER.get(counters, counter);
  }

  long getOpaque(int counter) {
    return (long) COUNTER.getOpaque(counters, counter);
  }

  void setOpaque(int counter, long value) {
    COUNTER.setOpaque(counters, counter, value);
  }

  long getAcquire(int counter) {
    return (long) COUNTER.getAcquire(counters, counter);
  }

  void setRelease(int counter, long value) {
    COUNTER.setRelease(counters, counter, value);
  }
}
