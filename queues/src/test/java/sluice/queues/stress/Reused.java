package sluice.queues.stress;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Objects with native memory, taken in turn: making one for every run of a test would take most of
 * its time. There are more of them than jcstress has states in flight (40 strides of 256), so that
 * none is in two states at once.
 */
final class Reused<T> {
  private static final int COUNT = 1 << 15;

  private final Object[] items = new Object[COUNT];
  private final AtomicLong next = new AtomicLong();

  Reused(Supplier<T> supplier) {
    for (int i = 0; i < COUNT; i++) {
      items[i] = supplier.get();
    }
  }

  /** A number that no other state has. */
  long turn() {
    return next.getAndIncrement();
  }

  @SuppressWarnings("unchecked")
  T of(long turn) {
    return (T) items[(int) (turn & (COUNT - 1))];
  }
}
