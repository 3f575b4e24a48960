package sluice.recorder.ring;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
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

  /**
   * Counters, each alone on its pair of cache lines (processors prefetch lines in pairs), so that a
   * store by one side does not take the line from under the other side.
   */
  private static final VarHandle COUNTER = MethodHandles.arrayElementVarHandle(long[].class);

  private static final int PAD = 16;

  /** Slots committed; stored by the producer. */
  private static final int COMMITTED = PAD;

  /** Producer's statistics: stream bytes committed, and bytes lost. Beside its own counter. */
  private static final int COMMITTED_BYTES = COMMITTED + 1;

  private static final int LOST_BYTES = COMMITTED + 2;

  /** The count of slots at which the stream ended, or -1; stored once by the producer. */
  private static final int END = COMMITTED + 3;

  /** Slots released; stored by the consumer. */
  private static final int RELEASED = COMMITTED + 2 * PAD;

  /** Most slots ever occupied at once; stored by the consumer. */
  private static final int HIGH_WATER = RELEASED + 1;

  /** 1 when the consumer takes no more; stored by the consumer. */
  private static final int STOPPED = RELEASED + 2;

  private final long[] counters = new long[RELEASED + 2 * PAD];

  /** So that no place in a stream is beyond 2^63, whatever is recorded between its gaps. */
  private static final long MOST_LOST = 1L << 62;

  private final DmaMemory memory;
  private final int slotBytes;
  private final int slotCount;
  private final long address;
  private final MemorySegment[] segments;
  private final ByteBuffer[] buffers;

  // Written by the producer before the release-store of COMMITTED, read by the consumer after its
  // acquire-load; overwritten only after the slot's release was seen.
  private final int[] lengths;
  private final long[] times;
  private final long[] gaps;
  private final long[] gapTimes;
  private final boolean[] gapEstimates;

  /** The producer's own fields, apart from the consumer's. */
  private final Producer producer = new Producer();

  private volatile boolean closed;
  private Thread producerThread;
  private Thread consumerThread;

  private static final class Producer {
    long committed;
    long releasedCache;
    long committedBytes;
    long lostBytes;
    long gap;
    long gapTime;
    boolean isGapEstimated;
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
    this.lengths = new int[slotCount];
    this.times = new long[slotCount];
    this.gaps = new long[slotCount];
    this.gapTimes = new long[slotCount];
    this.gapEstimates = new boolean[slotCount];
    COUNTER.setRelease(counters, END, -1L);
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

  // ---------------------------------------------------------------------------------- the producer

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
    p.releasedCache = (long) COUNTER.getAcquire(counters, RELEASED);
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
    if ((long) COUNTER.get(counters, END) >= 0) {
      throw new IllegalStateException("the stream has ended");
    }
    int slot = (int) (p.committed % slotCount);
    lengths[slot] = length;
    times[slot] = firstByteTimeNanos;
    gaps[slot] = p.gap;
    gapTimes[slot] = p.gapTime;
    gapEstimates[slot] = p.isGapEstimated;
    p.gap = 0;
    p.gapTime = 0;
    p.isGapEstimated = false;
    p.committed++;
    p.committedBytes += length;
    COUNTER.setOpaque(counters, COMMITTED_BYTES, p.committedBytes);
    // Release: the slot's bytes and the lines above are seen before the count that covers them.
    COUNTER.setRelease(counters, COMMITTED, p.committed);
  }

  /**
   * Says that bytes of the stream found no room. They become a gap after everything that was
   * committed and before what is committed next (so commit what was filled before the loss first).
   * Calls add up until then.
   *
   * @param bytes how many, 0 or more
   * @param timeNanos when the first of them arrived, in nanoseconds since the epoch
   */
  public void lost(long bytes, long timeNanos) {
    lost(bytes, timeNanos, false);
  }

  /**
   * As {@link #lost(long, long)}, where it may be known only roughly how many bytes they are.
   *
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
    if ((long) COUNTER.get(counters, END) >= 0) {
      throw new IllegalStateException("the stream has ended");
    }
    if (bytes == 0) {
      return;
    }
    Producer p = producer;
    if (p.gap == 0) {
      p.gapTime = timeNanos;
    }
    p.gap += bytes;
    p.isGapEstimated |= isEstimate;
    p.lostBytes += bytes;
    COUNTER.setOpaque(counters, LOST_BYTES, p.lostBytes);
  }

  /** Says that nothing follows. A gap that no commit has taken yet is the stream's end. */
  public void end() {
    requireProducer();
    if ((long) COUNTER.get(counters, END) < 0) {
      // Release: the final gap is seen before the end.
      COUNTER.setRelease(counters, END, producer.committed);
    }
  }

  /** Whether the consumer takes no more; then the producer ends, as nothing would be kept. */
  public boolean isStopped() {
    return (long) COUNTER.getAcquire(counters, STOPPED) != 0;
  }

  // ---------------------------------------------------------------------------------- the consumer

  /** How many slots were committed in all: those at positions below it are there to be read. */
  public long committed() {
    // Acquire: pairs with commit(). No owner is asserted: a watching thread may ask too.
    return (long) COUNTER.getAcquire(counters, COMMITTED);
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
    return lengths[(int) (position % slotCount)];
  }

  /** When the slot's first byte arrived, in nanoseconds since the epoch. */
  public long time(long position) {
    assert isReadable(position);
    return times[(int) (position % slotCount)];
  }

  /** Bytes that were lost between the slot before and this one; 0 for none. */
  public long gapBefore(long position) {
    assert isReadable(position);
    return gaps[(int) (position % slotCount)];
  }

  /** When the first byte of {@link #gapBefore} arrived, in nanoseconds since the epoch. */
  public long gapTime(long position) {
    assert isReadable(position);
    return gapTimes[(int) (position % slotCount)];
  }

  /** Whether the size of {@link #gapBefore} is an estimate. */
  public boolean isGapEstimated(long position) {
    assert isReadable(position);
    return gapEstimates[(int) (position % slotCount)];
  }

  /** The position after the last slot once the stream has ended; -1 before. */
  public long endPosition() {
    // Acquire: pairs with end().
    return (long) COUNTER.getAcquire(counters, END);
  }

  /** Bytes lost after the last slot; to be asked when {@link #endPosition} is known. */
  public long finalGap() {
    assert endPosition() >= 0;
    return producer.gap;
  }

  /** When the first byte of {@link #finalGap} arrived, in nanoseconds since the epoch. */
  public long finalGapTime() {
    assert endPosition() >= 0;
    return producer.gapTime;
  }

  /** Whether the size of {@link #finalGap} is an estimate. */
  public boolean isFinalGapEstimated() {
    assert endPosition() >= 0;
    return producer.isGapEstimated;
  }

  /**
   * Gives slots back to the producer.
   *
   * @param upTo the position after the last one: not below what was released, not above what was
   *     committed
   */
  public void release(long upTo) {
    assert onConsumerThread();
    long released = (long) COUNTER.get(counters, RELEASED);
    long committed = committed();
    if (upTo < released || upTo > committed) {
      throw new IllegalArgumentException(
          "cannot release up to %d: %d to %d are held".formatted(upTo, released, committed));
    }
    // The fill falls here and nowhere else, so its peak is what it was just before.
    if (committed - released > (long) COUNTER.get(counters, HIGH_WATER)) {
      COUNTER.setOpaque(counters, HIGH_WATER, committed - released);
    }
    // Release: our reads of the slots are done before the producer may overwrite them.
    COUNTER.setRelease(counters, RELEASED, upTo);
  }

  /** Says that its memory is about to be given back: there is nothing to claim any more. */
  public void close() {
    closed = true;
  }

  /** Tells the producer that nothing more is kept, see {@link #isStopped}. */
  public void stop() {
    COUNTER.setRelease(counters, STOPPED, 1L);
  }

  // -----------------------------------------------------------------------------------------
  // anyone

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
    return (long) COUNTER.getAcquire(counters, RELEASED);
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
    return Math.max(now, (long) COUNTER.getOpaque(counters, HIGH_WATER) * slotBytes);
  }

  /** Bytes of the stream that were committed, in all. */
  public long committedBytes() {
    return (long) COUNTER.getOpaque(counters, COMMITTED_BYTES);
  }

  /** Bytes that were lost, in all. */
  public long lostBytes() {
    return (long) COUNTER.getOpaque(counters, LOST_BYTES);
  }

  /** How it stands, for people. */
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

  // ----------------------------------------------------------------------------------------
  // asserts

  private boolean isReadable(long position) {
    return onConsumerThread() && position >= released() && position < committed();
  }

  private void requireProducer() {
    Thread current = Thread.currentThread();
    if (producerThread == null) {
      producerThread = current;
    }
    if (!producerThread.equals(current)) {
      throw new IllegalStateException("the ring has another producer: " + producerThread.getName());
    }
    if (closed) {
      throw new IllegalStateException("the ring's memory is given back: the recording is closed");
    }
  }

  private boolean onConsumerThread() {
    if (consumerThread == null) {
      consumerThread = Thread.currentThread();
    }
    return consumerThread.equals(Thread.currentThread());
  }
}
