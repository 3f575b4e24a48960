package sluice.queues;

import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/**
 * A completion queue (NVM Express 1.4, section 4.1): a ring of 16-byte completions in DMA memory.
 * The device writes at the tail, we read at the head; a phase tag that flips on every pass around
 * the ring tells new entries from old.
 *
 * <p>Used by one thread, its owner.
 */
public final class CompletionQueue {
  private final int id;
  private final DmaMemory memory;
  private final long base;
  private final int entries;
  private final Doorbell doorbell;

  private int head;
  private int rung;
  private int phase;

  /**
   * @param id 0 for the admin queue
   * @param memory {@code entries * 16} bytes at least; zeroed here, because an old phase tag would
   *     look like a completion
   * @param entries 2 to 65536
   */
  public CompletionQueue(int id, DmaMemory memory, int entries, Doorbell doorbell) {
    QueueSize.check(entries, (long) entries * CompletionEntry.BYTES, memory);
    this.id = id;
    this.memory = memory;
    this.base = memory.address();
    this.entries = entries;
    this.doorbell = doorbell;
    reset();
  }

  public int id() {
    return id;
  }

  /** Where the device finds the ring. */
  public long iova() {
    return memory.iova();
  }

  /** Entries in the ring. */
  public int entries() {
    return entries;
  }

  /**
   * The next completion, complete and in order.
   *
   * @return its address, valid until {@link #ring}; 0 when there is none
   */
  public long peek() {
    long entry = base + (long) head * CompletionEntry.BYTES;
    return CompletionEntry.hasPhaseAcquire(entry, phase) ? entry : 0;
  }

  /** Takes the completion that {@link #peek} showed out of the ring. */
  public void pop() {
    if (++head == entries) {
      head = 0;
      phase ^= 1;
    }
  }

  /** Gives all popped entries back to the device; does nothing if there are none. */
  public void ring() {
    if (rung != head) {
      rung = head;
      doorbell.ring(head);
    }
  }

  /** Begins anew, for a queue that the device has forgotten: empty, zeroed, nothing rung. */
  public void reset() {
    head = 0;
    rung = 0;
    phase = 1;
    OffHeap.zero(base, (long) entries * CompletionEntry.BYTES);
  }

  /** How it stands, for people; exact on the owner's thread. */
  @Override
  public String toString() {
    return "completion queue %d: %d entries, head %d, rung %d, phase %d"
        .formatted(id, entries, head, rung, phase);
  }
}
