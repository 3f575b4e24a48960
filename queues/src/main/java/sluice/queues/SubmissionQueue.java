package sluice.queues;

import sluice.vfio.DmaMemory;
import sluice.vfio.OffHeap;

/**
 * A submission queue (NVM Express 1.4, section 4.1): a ring of 64-byte commands in DMA memory. We
 * write at the tail, the device reads at the head; one entry stays empty, so that a full ring
 * differs from an empty one.
 *
 * <p>Used by one thread, its owner.
 */
public final class SubmissionQueue {
  private final int id;
  private final DmaMemory memory;
  private final long base;
  private final int entries;
  private final Doorbell doorbell;

  private int head;
  private int tail;
  private int rung;

  /**
   * @param id 0 for the admin queue
   * @param memory {@code entries * 64} bytes at least; zeroed here
   * @param entries 2 to 65536
   */
  public SubmissionQueue(int id, DmaMemory memory, int entries, Doorbell doorbell) {
    QueueSize.check(entries, (long) entries * SubmissionEntry.BYTES, memory);
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

  /** Entries in the ring; one less can be in use. */
  public int entries() {
    return entries;
  }

  /** How many commands can be posted now. */
  public int free() {
    int used = tail - head;
    return entries - 1 - (used < 0 ? used + entries : used);
  }

  /**
   * The entry at the tail, to be filled. Claiming does not take it: until {@link #post}, the next
   * claim is the same entry.
   *
   * @return its address; 0 when the ring is full
   */
  public long claim() {
    int next = tail + 1 == entries ? 0 : tail + 1;
    return next == head ? 0 : base + (long) tail * SubmissionEntry.BYTES;
  }

  /** Takes the claimed entry into the ring. The device does not know of it before {@link #ring}. */
  public void post() {
    tail = tail + 1 == entries ? 0 : tail + 1;
    assert tail != head : "posted to a full queue";
  }

  /**
   * Tells the device about all entries posted since the last ring; does nothing if there are none.
   */
  public void ring() {
    if (rung != tail) {
      rung = tail;
      doorbell.ring(tail);
    }
  }

  /**
   * Takes over how far the device has read, from a completion entry.
   *
   * @return false if the device cannot have read that far: the completion is not to be trusted
   */
  public boolean advanceHead(int newHead) {
    int consumed = newHead - head;
    int posted = rung - head;
    if (newHead < 0
        || newHead >= entries
        || (consumed < 0 ? consumed + entries : consumed)
            > (posted < 0 ? posted + entries : posted)) {
      return false;
    }
    head = newHead;
    return true;
  }

  /** Begins anew, for a queue that the device has forgotten: empty, zeroed, nothing rung. */
  public void reset() {
    head = 0;
    tail = 0;
    rung = 0;
    OffHeap.zero(base, (long) entries * SubmissionEntry.BYTES);
  }
}
