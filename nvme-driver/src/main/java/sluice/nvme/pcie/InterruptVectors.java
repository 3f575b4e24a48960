package sluice.nvme.pcie;

import sluice.nvme.CompletionMode;
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
  /** For as many I/O queues as a small machine may have; more when it has more processors. */
  private static final int FEW_QUEUES = 8;

  private final PciFunction function;
  private final int count;

  /**
   * Enables vectors, if they are wanted and the function has any: not as many as there could be
   * queues, because the system has few of them for all its devices, and each takes its time to be
   * torn down when the function is closed or pulled, but as many as threads can wait at once.
   *
   * @param maxQueues with the admin queue
   * @param processors of this machine
   */
  InterruptVectors(PciFunction function, CompletionMode mode, int maxQueues, int processors) {
    this.function = function;
    int available = mode == CompletionMode.POLLED ? 0 : function.interruptVectors();
    int useful = Math.min(maxQueues, Math.max(FEW_QUEUES, processors) + 1);
    this.count = available == 0 ? 0 : function.enableInterrupts(Math.min(available, useful));
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
  Interrupt newWait(int queueId) {
    return areEnabled() ? function.interrupt(vectorOf(queueId)) : null;
  }
}
