package sluice.support.agent;

import java.util.concurrent.locks.LockSupport;

/** What a thread does between two turns of its agent. Used by one thread. */
public interface IdleStrategy {
  /**
   * @param workCount what the last turn did; 0 for nothing
   */
  void idle(int workCount);

  /**
   * Asks again at once, with the processor's hint that it is spinning. For a processor of its own.
   */
  static IdleStrategy spinning() {
    return workCount -> {
      if (workCount == 0) {
        Thread.onSpinWait();
      }
    };
  }

  /** Lets other threads of the same processor run. */
  static IdleStrategy yielding() {
    return workCount -> {
      if (workCount == 0) {
        Thread.yield();
      }
    };
  }

  /** Spins for a while, then yields for a while, then sleeps, from 1 µs up to 1 ms at a time. */
  static IdleStrategy backingOff() {
    return new BackoffIdleStrategy();
  }
}

/** The turns without work since the last with work decide: spin, yield or sleep. */
final class BackoffIdleStrategy implements IdleStrategy {
  private static final int SPINS = 200;
  private static final int YIELDS = 50;
  private static final long SHORTEST_PARK_NANOS = 1_000;
  private static final long LONGEST_PARK_NANOS = 1_000_000;

  private int idleTurns;
  private long parkNanos = SHORTEST_PARK_NANOS;

  @Override
  public void idle(int workCount) {
    if (workCount > 0) {
      idleTurns = 0;
      parkNanos = SHORTEST_PARK_NANOS;
    } else if (idleTurns < SPINS) {
      idleTurns++;
      Thread.onSpinWait();
    } else if (idleTurns < SPINS + YIELDS) {
      idleTurns++;
      Thread.yield();
    } else {
      LockSupport.parkNanos(parkNanos);
      parkNanos = Math.min(parkNanos * 2, LONGEST_PARK_NANOS);
    }
  }
}
