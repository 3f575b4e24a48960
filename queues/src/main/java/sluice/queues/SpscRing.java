package sluice.queues;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.vfio.OffHeap;

/**
 * Hands fixed-size records from one thread to one other, without locks.
 *
 * <pre>
 *  producer:  claim → fill → publish        consumer:  peek → read → release
 *
 *  | tail, padded | head, padded | record 0 | record 1 | … |
 * </pre>
 *
 * Positions count records from the beginning and never wrap. The producer's release store of the
 * tail pairs with the consumer's acquire load of it, and makes the record's bytes visible; the
 * consumer's release store of the head pairs with the producer's acquire load, and keeps its reads
 * of a record before the producer's next fill of the same place.
 *
 * <p>The memory lives as long as this object: keep it reachable while using a record's address.
 */
public final class SpscRing {
  private static final int PADDING = RingSide.PADDING;

  /** Held so that the memory lives; accesses go by address. */
  @SuppressWarnings("unused")
  private final MemorySegment memory;

  private final long tailAddress;
  private final long headAddress;
  private final long records;
  private final int recordBytes;
  private final int mask;

  // The producer's own view; the consumer never touches it.
  private final RingSide producer = new RingSide();
  // The consumer's own view; the producer never touches it.
  private final RingSide consumer = new RingSide();

  /**
   * @param capacity records, a power of two from 2
   * @param recordBytes a multiple of 8
   */
  public SpscRing(int capacity, int recordBytes) {
    RingSize.check(capacity, recordBytes);
    this.memory = Arena.ofAuto().allocate(2L * PADDING + (long) capacity * recordBytes, PADDING);
    this.tailAddress = memory.address();
    this.headAddress = tailAddress + PADDING;
    this.records = headAddress + PADDING;
    this.recordBytes = recordBytes;
    this.mask = capacity - 1;
  }

  public int capacity() {
    return mask + 1;
  }

  /**
   * Producer: the next record, to be filled.
   *
   * @return its address; 0 when the ring is full
   */
  public long claim() {
    if (producer.own - producer.seen > mask) {
      producer.seen = OffHeap.getLongAcquire(headAddress);
      if (producer.own - producer.seen > mask) {
        return 0;
      }
    }
    return recordAt(producer.own);
  }

  /** Producer: hands the claimed record over. */
  public void publish() {
    assert producer.own - producer.seen <= mask : "published to a full ring";
    OffHeap.putLongRelease(tailAddress, ++producer.own);
  }

  /**
   * Consumer: the oldest record.
   *
   * @return its address; 0 when the ring is empty
   */
  public long peek() {
    if (consumer.own == consumer.seen) {
      consumer.seen = OffHeap.getLongAcquire(tailAddress);
      if (consumer.own == consumer.seen) {
        return 0;
      }
    }
    return recordAt(consumer.own);
  }

  /** Consumer: gives the record that {@link #peek} showed back to the producer. */
  public void release() {
    assert consumer.own < consumer.seen : "released what was not shown";
    OffHeap.putLongRelease(headAddress, ++consumer.own);
  }

  /**
   * Any thread: how many records are in the ring, counting published ones that are not released.
   * Exact when neither side moves; otherwise possibly more than there were at any instant, never
   * less than 0 nor more than the capacity.
   */
  public int size() {
    // Head first: the tail read after it is never behind it.
    long head = OffHeap.getLongAcquire(headAddress);
    return (int) Math.min(OffHeap.getLongAcquire(tailAddress) - head, capacity());
  }

  private long recordAt(long position) {
    return records + (position & mask) * recordBytes;
  }
}
