package sluice.queues;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.vfio.OffHeap;

/**
 * Hands fixed-size records from many threads to one, without locks.
 *
 * <pre>
 *  producers:  claim → fill → publish       consumer:  peek → read → release
 *
 *  | tail, padded | stamp 0 | record 0 | stamp 1 | record 1 | … |
 * </pre>
 *
 * A producer takes a place by moving the tail, and every place has a stamp that says whose turn it
 * is: {@code p} when position p may be filled, {@code p + 1} when it is filled. The release store
 * of a stamp pairs with the other side's acquire load of it. A producer that stops between claim
 * and publish holds up the consumer at its place, and never lets it see a half-filled record.
 *
 * <p>The memory lives as long as this object: keep it reachable while using a record's address.
 */
public final class MpscRing {
  private static final int PADDING = RingSide.PADDING;

  /** Held so that the memory lives; accesses go by address. */
  @SuppressWarnings("unused")
  private final MemorySegment memory;

  private final long tailAddress;
  private final long places;
  private final int placeBytes;
  private final int mask;
  private final RingSide consumer = new RingSide();

  /**
   * @param capacity records, a power of two from 2
   * @param recordBytes a multiple of 8
   */
  public MpscRing(int capacity, int recordBytes) {
    RingSize.check(capacity, recordBytes);
    this.placeBytes = Long.BYTES + recordBytes;
    this.memory = Arena.ofAuto().allocate(PADDING + (long) capacity * placeBytes, PADDING);
    this.tailAddress = memory.address();
    this.places = tailAddress + PADDING;
    this.mask = capacity - 1;
    for (int i = 0; i < capacity; i++) {
      OffHeap.putLong(placeAt(i), i);
    }
    OffHeap.putLongRelease(tailAddress, 0);
  }

  public int capacity() {
    return mask + 1;
  }

  /**
   * Any thread: takes the next record, to be filled and then given to {@link #publish}.
   *
   * @return its address; 0 when the ring is full
   */
  public long claim() {
    while (true) {
      long position = OffHeap.getLongAcquire(tailAddress);
      long place = placeAt(position);
      long turn = OffHeap.getLongAcquire(place) - position;
      if (turn < 0) {
        return 0;
      }
      // turn > 0: another producer took this place in the meantime.
      if (turn == 0 && OffHeap.compareAndSetLong(tailAddress, position, position + 1)) {
        return place + Long.BYTES;
      }
    }
  }

  /** The thread that claimed the record: hands it over. */
  public void publish(long record) {
    long place = record - Long.BYTES;
    OffHeap.putLongRelease(place, OffHeap.getLong(place) + 1);
  }

  /**
   * Consumer: the oldest record.
   *
   * @return its address; 0 when there is none, or the oldest is still being filled
   */
  public long peek() {
    long place = placeAt(consumer.own);
    return OffHeap.getLongAcquire(place) == consumer.own + 1 ? place + Long.BYTES : 0;
  }

  /** Consumer: gives the record that {@link #peek} showed back to the producers. */
  public void release() {
    long place = placeAt(consumer.own);
    assert OffHeap.getLong(place) == consumer.own + 1 : "released what was not shown";
    OffHeap.putLongRelease(place, consumer.own + capacity());
    consumer.own++;
  }

  private long placeAt(long position) {
    return places + (position & mask) * placeBytes;
  }
}
