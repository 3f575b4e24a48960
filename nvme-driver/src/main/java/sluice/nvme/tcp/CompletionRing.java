package sluice.nvme.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.queues.CompletionEntry;

/** Completions that have been received, or follow from what was. Used by the connection's owner. */
final class CompletionRing {
  private final MemorySegment memory;
  private final int mask;
  private final int id;
  private int head;
  private int tail;

  /**
   * @param id the queue's, which all completions tell
   * @param atLeast so many fit
   */
  CompletionRing(int id, int atLeast) {
    int count = Integer.highestOneBit(atLeast) << 1;
    this.memory = Arena.ofAuto().allocate((long) count * CompletionEntry.BYTES, Long.BYTES);
    this.mask = count - 1;
    this.id = id;
  }

  private long entry(int index) {
    return memory.address() + (long) (index & mask) * CompletionEntry.BYTES;
  }

  boolean isFull() {
    return tail - head > mask;
  }

  /** Adds one; there must be room. */
  void add(int identifier, int status, int result) {
    CompletionEntry.writeRelease(entry(tail), result, 0, id, identifier, status, 0);
    tail++;
  }

  /** The first one's address; 0 if there is none. */
  long peek() {
    return head == tail ? 0 : entry(head);
  }

  void pop() {
    head++;
  }

  /** Whether there is one. */
  boolean hasNext() {
    return head != tail;
  }
}
