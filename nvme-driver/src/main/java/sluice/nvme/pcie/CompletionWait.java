package sluice.nvme.pcie;

import java.util.function.LongSupplier;
import sluice.nvme.ControllerOptions;
import sluice.queues.CompletionQueue;
import sluice.vfio.Interrupt;

/**
 * A queue's wait for completions, as {@link ControllerOptions#completions} says: for the interrupt
 * of its vector, at once or after a look that lasts as long as a fast drive takes. Used by the
 * queue's owner; allocates nothing.
 */
final class CompletionWait {
  /** For how long a hybrid wait looks before it sleeps: about what a fast drive takes. */
  private static final long SPIN_NANOS = 50_000;

  /** Null when the queue is polled. */
  private final Interrupt interrupt;

  private final boolean spins;
  private final LongSupplier clock;

  /**
   * @param interrupt owned from now on; null for a queue that is polled
   * @param spins whether it looks for a while before it sleeps
   * @param clock nanoseconds
   */
  CompletionWait(Interrupt interrupt, boolean spins, LongSupplier clock) {
    this.interrupt = interrupt;
    this.spins = spins;
    this.clock = clock;
  }

  /** Whether there is anything to wait for; a queue without interrupts has to be looked at. */
  boolean isPossible() {
    return interrupt != null;
  }

  /**
   * Waits until there is a completion, the interrupt came, or the time is up; not at all without
   * interrupts. A completion that comes between the look and the sleep raises the interrupt, which
   * ends the sleep before it began.
   *
   * @return false if the time was up
   */
  boolean await(CompletionQueue completions, long timeoutNanos) {
    return interrupt == null
        || completions.peek() != 0
        || (spins && spin(completions, Math.min(SPIN_NANOS, timeoutNanos)))
        || interrupt.await(timeoutNanos);
  }

  private boolean spin(CompletionQueue completions, long nanos) {
    long start = clock.getAsLong();
    do {
      if (completions.peek() != 0) {
        return true;
      }
      Thread.onSpinWait();
    } while (clock.getAsLong() - start < nanos);
    return false;
  }

  void close() {
    if (interrupt != null) {
      interrupt.close();
    }
  }
}
