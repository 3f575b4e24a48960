package sluice.recorder.ring;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;

/**
 * A stream's way from one producer to one consumer: a ring of equal slots in one piece of DMA
 * memory, so that what the producer put into a slot goes to the drive from where it lies.
 *
 * <p>The producer: {@link #claim} → fill → {@link #commit}, and {@link #end} at last. It is never
 * stalled: a full ring answers {@code 0}, and a producer that cannot wait says with {@link #lost}
 * how many bytes found no room. They become a gap in the stream, right before the bytes that are
 * committed next.
 *
 * <p>The consumer: takes the slots at the positions from where it stood to {@link #committed}, in
 * order, and gives them back with {@link #release}. Positions count slots from 0 and never wrap.
 *
 * <p>Threads: one producer and one consumer, which may be the same thread; the first call of each
 * side makes its thread the owner of that side. This is asserted of the consumer and checked of the
 * producer, who could write where it must not. Methods under "anyone" are for a third, watching
 * thread too: each value is exact at some instant, but two of them are not from the same. No method
 * locks, and none but the constructor allocates.
 */
public final class StreamRing {
  /** Slots are whole pages: the drive's memory page, and the recorder's unit of alignment. */
  public static final int ALIGNMENT = 4096;

  /** The largest slot, in bytes. */
  public static final int MAX_SLOT_BYTES = 1 << 30;

  /** So that no place in a stream is beyond 2^63, whatever is recorded between its gaps. */
  private static final long MOST_LOST = 1L << 62;

  private final RingCounters counters = new RingCounters();
  private final DmaMemory memory;
  private final int slotBytes;
  private final int slotCount;
  private final long address;
  private final MemorySegment[] segments;
  private final ByteBuffer[] buffers;
  private final SlotNotes notes;

  private final Producer producer = new Producer();
  private final Side producerSide = new Side();
  private final Side consumerSide = new Side();
  private volatile boolean closed;

  /** Its own fields, apart from the consumer's. */
  private static final class Producer {
    long committed;
    long releasedCache;
    long committedBytes;
    long lostBytes;
    final SlotNotes.Gap gap = new SlotNotes.Gap();
  }

  /**
   * @param memory at least {@code slotBytes * slotCount} bytes at an address that is a multiple of
   *     {@link #ALIGNMENT}; it belongs to the caller and must outlive this ring's use
   * @param slotBytes a multiple of {@link #ALIGNMENT} up to {@link #MAX_SLOT_BYTES}
   * @param slotCount 2 or more
   */
  public StreamRing(DmaMemory memory, int slotBytes, int slotCount) {
    checkSizes(slotBytes, slotCount);
    long size = (long) slotBytes * slotCount;
    if (memory.size() < size) {
      throw new IllegalArgumentException(
          "a ring of %d slots of %d bytes needs %d bytes of memory, not %d"
              .formatted(slotCount, slotBytes, size, memory.size()));
    }
    if (memory.address() % ALIGNMENT != 0) {
      throw new IllegalArgumentException("the ring's memory is not aligned to " + ALIGNMENT);
    }
    this.memory = memory;
    this.slotBytes = slotBytes;
    this.slotCount = slotCount;
    this.address = memory.address();
    this.segments = new MemorySegment[slotCount];
    this.buffers = new ByteBuffer[slotCount];
    for (int i = 0; i < slotCount; i++) {
      segments[i] = memory.segment().asSlice((long) i * slotBytes, slotBytes);
      buffers[i] = segments[i].asByteBuffer();
    }
    this.notes = new SlotNotes(slotCount);
  }

  /** A ring in memory that is taken from a space, which gets it back with {@link #memory}. */
  public static StreamRing allocate(DmaSpace space, int slotBytes, int slotCount) {
    checkSizes(slotBytes, slotCount);
    return new StreamRing(space.allocate((long) slotBytes * slotCount), slotBytes, slotCount);
  }

  /**
   * Whether there can be a ring of such sizes.
   *
   * @throws IllegalArgumentException if not, saying why
   */
  public static void checkSizes(int slotBytes, int slotCount) {
    if (slotBytes < ALIGNMENT || slotBytes > MAX_SLOT_BYTES || slotBytes % ALIGNMENT != 0) {
      throw new IllegalArgumentException(
          "a slot is a multiple of %d bytes up to %d, not %d"
              .formatted(ALIGNMENT, MAX_SLOT_BYTES, slotBytes));
    }
    if (slotCount < 2) {
      throw new IllegalArgumentException("a ring needs 2 slots or more, not " + slotCount);
    }
  }

  // ---- the producer

  /**
   * The next slot to fill: {@link #slotBytes} bytes at the returned address. The same one until it
   * is committed, so asking again is harmless.
   *
   * @return the address, or 0 when the ring is full
   */
  public long claim() {
    requireProducer();
    return isFull() ? 0 : address + producer.committed % slotCount * slotBytes;
  }

  /** Like {@link #claim}, as a segment of the whole slot; null when the ring is full. */
  public MemorySegment claimSegment() {
    requireProducer();
    return isFull() ? null : segments[(int) (producer.committed % slotCount)];
  }

  private boolean isFull() {
    Producer p = producer;
    if (p.committed - p.releasedCache < slotCount) {
      return false;
    }
    // Acquire: pairs with release(). The consumer is done with the slot before we write into it.
    p.releasedCache = counters.getAcquire(RingCounters.RELEASED);
    return p.committed - p.releasedCache >= slotCount;
  }

  /**
   * Hands the claimed slot over. A slot that is not full costs padding on the drive unless its
   * length is a multiple of 4096, so commit full slots unless the stream ends, a gap follows, or
   * its bytes have waited long enough.
   *
   * @param length bytes filled, from 1 to {@link #slotBytes}
   * @param firstByteTimeNanos when the first of them arrived, in nanoseconds since the epoch
   */
  public void commit(int length, long firstByteTimeNanos) {
    requireProducer();
    Producer p = producer;
    if (length < 1 || length > slotBytes) {
      throw new IllegalArgumentException(
          "cannot commit " + length + " bytes: a slot has 1 to " + slotBytes);
    }
    if (p.committed - p.releasedCache >= slotCount) {
      throw new IllegalStateException("nothing is claimed: the ring is full");
    }
    if (counters.get(RingCounters.END) >= 0) {
      throw new IllegalStateException("the stream has ended");
    }
    notes.put((int) (p.committed % slotCount), length, firstByteTimeNanos, p.gap);
    p.committed++;
    p.committedBytes += length;
    counters.setOpaque(RingCounters.COMMITTED_BYTES, p.committedBytes);
    // Release: the slot's bytes and the lines above are seen before the count that covers them.
    counters.setRelease(RingCounters.COMMITTED, p.committed);
  }

  /**
   * Says that bytes of the stream found no room. They become a gap after everything that was
   * committed and before what is committed next (so commit what was filled before the loss first).
   * Calls add up until then.
   *
   * @param bytes how many, 0 or more
   * @param timeNanos when the first of them arrived, in nanoseconds since the epoch
   * @param isEstimate whether {@code bytes} is an estimate; a gap is one if any part of it is
   * @throws IllegalArgumentException if they are less than 0, or more in all than a stream has
   */
  public void lost(long bytes, long timeNanos, boolean isEstimate) {
    requireProducer();
    if (bytes < 0) {
      throw new IllegalArgumentException("cannot lose " + bytes + " bytes");
    }
    if (bytes > MOST_LOST - producer.lostBytes) {
      throw new IllegalArgumentException(
          "cannot lose " + bytes + " bytes: in all a stream loses 2^62 at the most");
    }
    if (counters.get(RingCounters.END) >= 0) {
      throw new IllegalStateException("the stream has ended");
    }
    if (bytes == 0) {
      return;
    }
    producer.gap.add(bytes, timeNanos, isEstimate);
    producer.lostBytes += bytes;
    counters.setOpaque(RingCounters.LOST_BYTES, producer.lostBytes);
  }

  /** Says that nothing follows. A gap that no commit has taken yet is the stream's end. */
  public void end() {
    requireProducer();
    if (counters.get(RingCounters.END) < 0) {
      // Release: the final gap is seen before the end.
      counters.setRelease(RingCounters.END, producer.committed);
    }
  }

  /** Whether the consumer takes no more; then the producer ends, as nothing would be kept. */
  public boolean isStopped() {
    return counters.getAcquire(RingCounters.STOPPED) != 0;
  }

  // ---- the consumer

  /** How many slots were committed in all: those at positions below it are there to be read. */
  public long committed() {
    // Acquire: pairs with commit(). No owner is asserted: a watching thread may ask too.
    return counters.getAcquire(RingCounters.COMMITTED);
  }

  /** The address of a committed slot that is not yet released. */
  public long address(long position) {
    return address + offset(position);
  }

  /** The slot's place in {@link #memory}, in bytes. */
  public long offset(long position) {
    assert isReadable(position);
    return position % slotCount * slotBytes;
  }

  /** The whole slot as a direct buffer, ready made; the consumer may move position and limit. */
  public ByteBuffer buffer(long position) {
    assert isReadable(position);
    return buffers[(int) (position % slotCount)];
  }

  /** Bytes of the stream in the slot. */
  public int length(long position) {
    assert isReadable(position);
    return notes.lengths[(int) (position % slotCount)];
  }

  /** When the slot's first byte arrived, in nanoseconds since the epoch. */
  public long time(long position) {
    assert isReadable(position);
    return notes.times[(int) (position % slotCount)];
  }

  /** Bytes that were lost between the slot before and this one; 0 for none. */
  public long gapBefore(long position) {
    assert isReadable(position);
    return notes.gaps[(int) (position % slotCount)];
  }

  /** When the first byte of {@link #gapBefore} arrived, in nanoseconds since the epoch. */
  public long gapTime(long position) {
    assert isReadable(position);
    return notes.gapTimes[(int) (position % slotCount)];
  }

  /** Whether the size of {@link #gapBefore} is an estimate. */
  public boolean isGapEstimated(long position) {
    assert isReadable(position);
    return notes.gapEstimates[(int) (position % slotCount)];
  }

  /** The position after the last slot once the stream has ended; -1 before. */
  public long endPosition() {
    // Acquire: pairs with end().
    return counters.getAcquire(RingCounters.END);
  }

  /** Bytes lost after the last slot; to be asked when {@link #endPosition} is known. */
  public long finalGap() {
    assert endPosition() >= 0;
    return producer.gap.bytes;
  }

  /** When the first byte of {@link #finalGap} arrived, in nanoseconds since the epoch. */
  public long finalGapTime() {
    assert endPosition() >= 0;
    return producer.gap.time;
  }

  /** Whether the size of {@link #finalGap} is an estimate. */
  public boolean isFinalGapEstimated() {
    assert endPosition() >= 0;
    return producer.gap.isEstimated;
  }

  /**
   * Gives slots back to the producer.
   *
   * @param upTo the position after the last one: not below what was released, not above what was
   *     committed
   */
  public void release(long upTo) {
    assert consumerSide.isThisThreads();
    long released = counters.get(RingCounters.RELEASED);
    long committed = committed();
    if (upTo < released || upTo > committed) {
      throw new IllegalArgumentException(
          "cannot release up to %d: %d to %d are held".formatted(upTo, released, committed));
    }
    // The fill falls here and nowhere else, so its peak is what it was just before.
    if (committed - released > counters.get(RingCounters.HIGH_WATER)) {
      counters.setOpaque(RingCounters.HIGH_WATER, committed - released);
    }
    // Release: our reads of the slots are done before the producer may overwrite them.
    counters.setRelease(RingCounters.RELEASED, upTo);
  }

  /** Says that its memory is about to be given back: there is nothing to claim any more. */
  public void close() {
    closed = true;
  }

  /** Tells the producer that nothing more is kept, see {@link #isStopped}. */
  public void stop() {
    counters.setRelease(RingCounters.STOPPED, 1L);
  }

  // ---- anyone

  /** The memory of all slots. */
  public DmaMemory memory() {
    return memory;
  }

  /** Bytes in a slot. */
  public int slotBytes() {
    return slotBytes;
  }

  public int slotCount() {
    return slotCount;
  }

  /** Bytes in all slots. */
  public long capacityBytes() {
    return (long) slotBytes * slotCount;
  }

  /** How many slots were released in all. */
  public long released() {
    return counters.getAcquire(RingCounters.RELEASED);
  }

  /** Bytes of slots that are committed and not released, each counted as a whole slot. */
  public long fillBytes() {
    // In this order: released never overtakes committed, so the difference is never negative.
    long released = released();
    return Math.min(slotCount, committed() - released) * slotBytes;
  }

  /** The most that {@link #fillBytes} ever was. */
  public long highWaterBytes() {
    long now = fillBytes();
    return Math.max(now, counters.getOpaque(RingCounters.HIGH_WATER) * slotBytes);
  }

  /** Bytes of the stream that were committed, in all. */
  public long committedBytes() {
    return counters.getOpaque(RingCounters.COMMITTED_BYTES);
  }

  /** Bytes that were lost, in all. */
  public long lostBytes() {
    return counters.getOpaque(RingCounters.LOST_BYTES);
  }

  @Override
  public String toString() {
    long end = endPosition();
    return "ring of %d slots of %d bytes: %d committed, %d released, %d bytes lost%s%s%s"
        .formatted(
            slotCount,
            slotBytes,
            committed(),
            released(),
            lostBytes(),
            end < 0 ? "" : ", ended at " + end,
            isStopped() ? ", stopped" : "",
            closed ? ", closed" : "");
  }

  // ---- asserts

  private boolean isReadable(long position) {
    return consumerSide.isThisThreads() && position >= released() && position < committed();
  }

  private void requireProducer() {
    producerSide.require("producer");
    if (closed) {
      throw new IllegalStateException("the ring's memory is given back: the recording is closed");
    }
  }
}
