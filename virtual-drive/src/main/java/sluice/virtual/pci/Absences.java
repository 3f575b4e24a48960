package sluice.virtual.pci;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * How long a drive did not run though somebody wanted it to: its own thread had no processor, or a
 * thread that was in its turn had none while others asked. What it did not do meanwhile is this
 * machine's fault and not the drive's.
 *
 * <p>The clock is read by a drive's own thread, and by those who cannot take a turn; who takes one
 * does without.
 */
final class Absences {
  /** What is shorter does not count: an idle drive sleeps for a millisecond. */
  static final long SHORTEST_NANOS = 2_000_000;

  private final LongSupplier clock;

  /**
   * How long turns could not be taken: even while they can. Odd while they cannot, and less by the
   * time since which that is so: one value, so that who reads it sees nothing twice.
   */
  private final AtomicLong missed = new AtomicLong();

  /** The same when turns could be taken last; used in turns. */
  private long missedBefore;

  /** How long its own thread did not run; written by that. */
  private final AtomicLong unseen = new AtomicLong();

  private long seen;
  private boolean wasSeen;

  Absences(LongSupplier clock) {
    this.clock = clock;
  }

  /** A turn could not be taken, for another thread is in one. From any thread. */
  void missed() {
    long state = missed.getOpaque();
    if (!goesOn(state)) {
      boolean _ = missed.compareAndSet(state, (state - clock.getAsLong()) | 1);
    }
  }

  /** A turn is taken; in it. */
  void taken() {
    long state = missed.getOpaque();
    if (goesOn(state)) {
      long nanos = (state + clock.getAsLong()) & ~1;
      if (nanos - missedBefore >= SHORTEST_NANOS) {
        missedBefore = nanos;
      }
      missed.setOpaque(missedBefore);
    }
  }

  /** Its own thread runs: called by it between all turns. */
  void runs() {
    long now = clock.getAsLong();
    if (wasSeen && now - seen >= SHORTEST_NANOS) {
      unseen.setOpaque(unseen.getPlain() + now - seen);
    }
    wasSeen = true;
    seen = now;
  }

  private static boolean goesOn(long state) {
    return (state & 1) != 0;
  }

  /** How long it was in all, with one that goes on. From any thread. */
  long nanos() {
    long state = missed.getOpaque();
    return unseen.getOpaque() + (goesOn(state) ? state + clock.getAsLong() : state);
  }
}
