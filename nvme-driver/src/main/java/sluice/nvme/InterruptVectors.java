package sluice.nvme;

import sluice.vfio.Interrupt;
import sluice.vfio.PciFunction;

/**
 * Which queue waits for which interrupt vector: the admin queue for the first, each I/O queue for
 * one of its own while there are enough, and for one shared with others behind that.
 *
 * <p>The controller's own masks (INTMS, INTMC) are left alone: they must not be touched when MSI-X
 * is in use (NVM Express 1.4, section 3.1.3), and MSI-X is what there is.
 */
final class InterruptVectors {
  private final PciFunction function;
  private final int count;

  /**
   * Enables as many as there may be queues, if they are wanted and the function has any.
   *
   * @param maxQueues with the admin queue
   */
  InterruptVectors(PciFunction function, CompletionMode mode, int maxQueues) {
    this.function = function;
    int available = mode == CompletionMode.POLLED ? 0 : function.interruptVectors();
    this.count = available == 0 ? 0 : function.enableInterrupts(Math.min(available, maxQueues));
  }

  /** Whether queues raise interrupts at all. */
  boolean areEnabled() {
    return count > 0;
  }

  /** The vector of a queue's completions. */
  int vectorOf(int queueId) {
    if (queueId < count) {
      return queueId;
    }
    return count > 1 ? 1 + (queueId - 1) % (count - 1) : 0;
  }

  /** A new wait for a queue's interrupts; null when there are none. */
  Interrupt waitFor(int queueId) {
    return areEnabled() ? function.interrupt(vectorOf(queueId)) : null;
  }
}
