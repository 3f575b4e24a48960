package sluice.queues;

import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

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

  private int used;
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

  /** How many commands can be posted now: as many less than fit as have not {@link #completed}. */
  public int free() {
    return entries - 1 - used;
  }

  /**
   * The entry at the tail, to be filled. Claiming does not take it: until {@link #post}, the next
   * claim is the same entry.
   *
   * @return its address; 0 when the ring is full
   */
  public long claim() {
    return used == entries - 1 ? 0 : base + (long) tail * SubmissionEntry.BYTES;
  }

  /** Takes the claimed entry into the ring. The device does not know of it before {@link #ring}. */
  public void post() {
    assert used < entries - 1 : "posted to a full queue";
    used++;
    tail = tail + 1 == entries ? 0 : tail + 1;
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
   * One of the commands has completed: one entry more is free.
   *
   * <p>The device reads entries in their order, so those that it has not read yet are the last
   * ones, and all of them are out: while fewer commands are out than entries can be in use, the
   * entry at the tail has been read. How far the device has read stands in each completion too, but
   * as of when that was made, and nothing promises that completions are posted in the order in
   * which they are made; it is not needed, and not looked at.
   */
  public void completed() {
    assert used > 0 : "nothing is out";
    used--;
  }

  /** Begins anew, for a queue that the device has forgotten: empty, zeroed, nothing rung. */
  public void reset() {
    used = 0;
    tail = 0;
    rung = 0;
    OffHeap.zero(base, (long) entries * SubmissionEntry.BYTES);
  }

  /** How it stands, for people; exact on the owner's thread. */
  @Override
  public String toString() {
    return "submission queue %d: %d of %d entries used, tail %d, rung %d"
        .formatted(id, used, entries, tail, rung);
  }
}
