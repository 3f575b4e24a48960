package sluice.bench.run;

import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import sluice.nvme.IoQueue;

/**
 * Lets a thread sleep while there is nothing for its workers to do: until an interrupt where
 * something is out and the drive has any, or until the next is due where nothing is. It wakes by so
 * much earlier as the system has woken it too late before, and looks for the rest of the time: what
 * is due goes out in time. Used by the thread.
 */
final class Rest {
  /** So that a thread that is asked for results, or to stop, soon sees it. */
  static final long MOST_NANOS = 1_000_000;

  /** For less it is not worth while to sleep. */
  private static final long LEAST_NANOS = 20_000;

  /** By how much the guess of how late the system wakes grows, and by how much it shrinks. */
  private static final long GROWTH_NANOS = 10_000;

  private static final long SHRINKAGE_NANOS = 1_000;

  private static final long FIRST_GUESS_NANOS = 100_000;
  private static final long MOST_GUESSED_NANOS = 500_000;

  private final List<? extends Sleeper> sleepers;
  private final LongSupplier clock;
  private final LongConsumer sleep;

  /** How late the system wakes at the most, but for one time in ten. */
  private long late = FIRST_GUESS_NANOS;

  /** Who works on the thread. */
  interface Sleeper {
    /**
     * How long there is nothing to do unless something completes on {@link #awaited}; 0 or less if
     * there may be.
     */
    long restNanos();

    /** The queue whose interrupt it waits for, as something is out there; null if nothing is. */
    IoQueue awaited();

    /**
     * Its thread has slept by its own will.
     *
     * @param nanos how long it wanted to
     */
    void rested(long nanos);
  }

  /**
   * @param sleep sleeps for so many nanoseconds, or longer
   */
  Rest(List<? extends Sleeper> sleepers, LongSupplier clock, LongConsumer sleep) {
    this.sleepers = sleepers;
    this.clock = clock;
    this.sleep = sleep;
  }

  /**
   * After a turn without work: sleeps if all can.
   *
   * @return whether it has slept
   */
  boolean isTaken() {
    long nanos = MOST_NANOS;
    IoQueue queue = null;
    for (int i = 0; i < sleepers.size() && nanos > 0; i++) {
      nanos = Math.min(nanos, sleepers.get(i).restNanos());
      IoQueue awaited = sleepers.get(i).awaited();
      if (awaited != null && queue != null && awaited != queue) {
        return false;
      }
      queue = awaited == null ? queue : awaited;
    }
    if (queue != null) {
      return nanos > 0 && waits(queue, nanos);
    }
    long wanted = nanos - late;
    if (wanted < LEAST_NANOS) {
      return false;
    }
    long begin = clock.getAsLong();
    sleep.accept(wanted);
    learn(clock.getAsLong() - begin - wanted);
    tell(wanted);
    return true;
  }

  private boolean waits(IoQueue queue, long nanos) {
    boolean _ = queue.await(nanos);
    tell(nanos);
    return true;
  }

  private void tell(long nanos) {
    for (int i = 0; i < sleepers.size(); i++) {
      sleepers.get(i).rested(nanos);
    }
  }

  /** By small steps: a machine that had no time for us once says little of the next time. */
  private void learn(long overslept) {
    late =
        overslept > late
            ? Math.min(late + GROWTH_NANOS, MOST_GUESSED_NANOS)
            : Math.max(late - SHRINKAGE_NANOS, 0);
  }
}
