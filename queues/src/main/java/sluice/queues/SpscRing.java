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
 */
public final class SpscRing {
  /** Twice a cache line, because processors fetch lines in pairs. */
  private static final int PADDING = 128;

  private final MemorySegment memory;
  private final long tailAddress;
  private final long headAddress;
  private final long records;
  private final int recordBytes;
  private final int mask;

  // The producer's own view; the consumer never touches it.
  private final Side producer = new Side();
  // The consumer's own view; the producer never touches it.
  private final Side consumer = new Side();

  /** One side's position and what it last saw of the other's, so that most calls share nothing. */
  @SuppressWarnings("unused") // the padding is there to be there
  private static final class Side {
    private long p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13;
    private long own;
    private long seen;
    private long q0, q1, q2, q3, q4, q5, q6, q7, q8, q9, q10, q11, q12, q13;
  }

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
    OffHeap.putLongRelease(headAddress, ++consumer.own);
  }

  /** Any thread: how many records are in the ring, at some instant between call and return. */
  public int size() {
    // Head first: the tail read after it is never behind it.
    long head = OffHeap.getLongAcquire(headAddress);
    return (int) Math.min(OffHeap.getLongAcquire(tailAddress) - head, capacity());
  }

  /** The ring's memory lives as long as the ring. */
  MemorySegment memory() {
    return memory;
  }

  private long recordAt(long position) {
    return records + (position & mask) * recordBytes;
  }
}
