package sluice.nvme.pcie;

import sluice.queues.Doorbell;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;

/**
 * The two pages of Doorbell Buffer Config (NVM Express 1.4, section 5.7): where we put new tails
 * and heads, and where the controller says at which of them it wants its register written. Both are
 * laid out as the doorbell registers are. The admin queue keeps to its registers.
 */
final class ShadowDoorbells {
  private final DmaMemory shadows;
  private final DmaMemory eventIndexes;
  private final int stride;

  ShadowDoorbells(DmaSpace space, int pageBytes, int stride) {
    this.shadows = AlignedDma.allocate(space, pageBytes, pageBytes);
    this.eventIndexes = AlignedDma.allocate(space, pageBytes, pageBytes);
    this.stride = stride;
  }

  long shadowIova() {
    return shadows.iova();
  }

  long eventIndexIova() {
    return eventIndexes.iova();
  }

  /** Forgets all values; for a controller that has not been told of the pages. */
  void reset() {
    OffHeap.zero(shadows.address(), shadows.size());
    OffHeap.zero(eventIndexes.address(), eventIndexes.size());
  }

  /** Makes a new queue pair's doorbells use their words, if the pages reach that far. */
  void attach(int queueId, Doorbell submission, Doorbell completion) {
    attach(2L * queueId, submission);
    attach(2L * queueId + 1, completion);
  }

  private void attach(long index, Doorbell doorbell) {
    long offset = (index * Integer.BYTES) << stride;
    if (offset + Integer.BYTES > shadows.size()) {
      doorbell.useRegister();
      return;
    }
    OffHeap.putInt(shadows.address() + offset, 0);
    OffHeap.putInt(eventIndexes.address() + offset, 0);
    doorbell.useShadow(shadows.address() + offset, eventIndexes.address() + offset);
  }
}
