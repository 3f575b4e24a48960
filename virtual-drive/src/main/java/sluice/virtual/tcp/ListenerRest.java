package sluice.virtual.tcp;

import java.util.function.Consumer;
import java.util.function.LongSupplier;
import sluice.support.linux.LinuxException;
import sluice.support.linux.TcpSocket;

/**
 * Lets hosts in. One that cannot be let in, because the system has no descriptor for it, stays in
 * the listener's queue and would be there at each look; so nobody looks for a second then, and it
 * is told once, until somebody was let in again.
 */
final class ListenerRest {
  private static final long REST_NANOS = 1_000_000_000;

  private final LongSupplier clock;
  private final Consumer<String> log;
  private boolean hasFailed;
  private boolean isResting;
  private long restStart;

  ListenerRest(LongSupplier clock, Consumer<String> log) {
    this.clock = clock;
    this.log = log;
  }

  /** Whether to look for hosts now. */
  boolean isOver() {
    if (isResting && clock.getAsLong() - restStart >= REST_NANOS) {
      isResting = false;
    }
    return !isResting;
  }

  /** Descriptors were given back: it is worth a look at once. */
  void end() {
    isResting = false;
  }

  /** Takes who has come; null for nobody. */
  TcpSocket take(TcpSocket listener) {
    try {
      TcpSocket socket = listener.accept();
      hasFailed = false;
      return socket;
    } catch (LinuxException e) {
      if (!hasFailed) {
        log.accept("a host could not be let in, and is tried again: " + e.getMessage());
      }
      hasFailed = true;
      isResting = true;
      restStart = clock.getAsLong();
      return null;
    }
  }
}
