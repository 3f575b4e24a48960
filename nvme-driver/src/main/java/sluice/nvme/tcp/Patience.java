package sluice.nvme.tcp;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import sluice.nvme.NvmeException;

/**
 * How a thread waits for a host that is far away: without end when it is interrupted, as a drive
 * that is lost by that would be lost for all its users (the thread stays interrupted), but not
 * after the drive is {@linkplain #end closed}.
 */
final class Patience {
  private static final long LONGEST_SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final TcpPlace place;
  private final LongSupplier clock;
  private volatile boolean isOver;

  Patience(TcpPlace place, LongSupplier clock) {
    this.place = place;
    this.clock = clock;
  }

  /** Nothing is waited for any more. From any thread. */
  void end() {
    isOver = true;
  }

  /**
   * @throws NvmeException if nothing is waited for any more
   */
  void requireSome() {
    if (isOver) {
      throw new NvmeException(place + " is not waited for any more: it is closed");
    }
  }

  /** How long to sleep until the next look at the deadline, and at whether it is over. */
  long slice(long deadline) {
    requireSome();
    return Math.clamp(deadline - clock.getAsLong(), 0, LONGEST_SLEEP_NANOS);
  }

  /** Lets time pass. */
  void pause(long nanos) {
    long deadline = clock.getAsLong() + nanos;
    while (deadline - clock.getAsLong() > 0) {
      rest(slice(deadline));
    }
  }

  /** Lets a little time pass, also when it is over, and when the thread is interrupted. */
  static void rest(long nanos) {
    boolean wasInterrupted = Thread.interrupted();
    LockSupport.parkNanos(nanos);
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits for what another thread finds out.
   *
   * @throws TimeoutException at the deadline
   */
  <T> T get(Future<T> future, long deadline) throws ExecutionException, TimeoutException {
    boolean wasInterrupted = false;
    try {
      while (true) {
        try {
          return future.get(slice(deadline), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          wasInterrupted = true;
        } catch (TimeoutException e) {
          if (clock.getAsLong() >= deadline) {
            throw e;
          }
        }
      }
    } finally {
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
