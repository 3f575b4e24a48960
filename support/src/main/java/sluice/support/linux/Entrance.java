package sluice.support.linux;

import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Lets clients in. One that cannot be let in, because the system has no descriptor for it, stays in
 * the listener's queue and would be there at each look; so nobody looks for a second then, and it
 * is told once, until somebody was let in again. Used by one thread.
 *
 * @param <S> the socket of who comes
 */
public final class Entrance<S> {
  private static final long REST_NANOS = 1_000_000_000;

  private final Supplier<S> listener;
  private final LongSupplier clock;
  private final Consumer<String> log;
  private boolean hasFailed;
  private boolean isResting;
  private long restStart;

  /**
   * @param listener gives who has come, null for nobody, or throws
   * @param clock nanoseconds, as {@link System#nanoTime}
   * @param log gets a line when somebody could not be let in
   */
  public Entrance(Supplier<S> listener, LongSupplier clock, Consumer<String> log) {
    this.listener = listener;
    this.clock = clock;
    this.log = log;
  }

  /** Whether to look for clients now. */
  public boolean isOpen() {
    if (isResting && clock.getAsLong() - restStart >= REST_NANOS) {
      isResting = false;
    }
    return !isResting;
  }

  /** Descriptors were given back: it is worth a look at once. */
  public void open() {
    isResting = false;
  }

  /** Takes who has come; null for nobody. */
  public S take() {
    try {
      S socket = listener.get();
      hasFailed = false;
      return socket;
    } catch (LinuxException e) {
      if (!hasFailed) {
        log.accept("a client could not be let in, and is tried again: " + e.getMessage());
      }
      hasFailed = true;
      isResting = true;
      restStart = clock.getAsLong();
      return null;
    }
  }
}
