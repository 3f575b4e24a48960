package sluice.recorder.source;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What a source has seen so far. Written by the source's thread alone; anyone may read: each value
 * is exact at some instant, but two of them are not from the same.
 */
public final class SourceCounters {
  private static final int RECEIVED_BYTES = 0;
  private static final int LOST_BYTES = 1;
  private static final int ESTIMATED_BYTES = 2;
  private static final int DATAGRAMS = 3;
  private static final int LOST_DATAGRAMS = 4;
  private static final int KERNEL_DROPS = 5;
  private static final int BEHIND_NANOS = 6;

  private final AtomicLongArray values = new AtomicLongArray(7);

  SourceCounters() {}

  /** Bytes that reached this process, those included that then found no room. */
  public long receivedBytes() {
    return values.getOpaque(RECEIVED_BYTES);
  }

  /** Bytes of the stream that are missing: that found no room here or in the kernel. */
  public long lostBytes() {
    return values.getOpaque(LOST_BYTES);
  }

  /**
   * The part of {@link #lostBytes} that is an estimate. The kernel counts the datagrams that it
   * drops, not their bytes: each is taken to be as long as the last one that arrived.
   */
  public long estimatedLostBytes() {
    return values.getOpaque(ESTIMATED_BYTES);
  }

  /** Datagrams that reached this process; 0 for a stream without datagrams. */
  public long datagrams() {
    return values.getOpaque(DATAGRAMS);
  }

  /** Those of {@link #datagrams} that found no room, wholly or in part. */
  public long lostDatagrams() {
    return values.getOpaque(LOST_DATAGRAMS);
  }

  /** Datagrams that the kernel dropped, because its buffer was full or they were damaged. */
  public long kernelDrops() {
    return values.getOpaque(KERNEL_DROPS);
  }

  /**
   * The longest time by which a generator was behind its own pace, in nanoseconds: its thread was
   * held up, or the rate is more than this machine makes.
   */
  public long maxBehindNanos() {
    return values.getOpaque(BEHIND_NANOS);
  }

  void received(long bytes) {
    add(RECEIVED_BYTES, bytes);
  }

  void lost(long bytes) {
    add(LOST_BYTES, bytes);
  }

  void lost(long bytes, boolean isEstimate) {
    add(LOST_BYTES, bytes);
    if (isEstimate) {
      add(ESTIMATED_BYTES, bytes);
    }
  }

  void datagrams(long count) {
    add(DATAGRAMS, count);
  }

  void lostDatagrams(long count) {
    add(LOST_DATAGRAMS, count);
  }

  void dropped(long datagrams, long estimatedBytes) {
    add(KERNEL_DROPS, datagrams);
    add(ESTIMATED_BYTES, estimatedBytes);
    add(LOST_BYTES, estimatedBytes);
  }

  void behind(long nanos) {
    if (nanos > values.getPlain(BEHIND_NANOS)) {
      values.setOpaque(BEHIND_NANOS, nanos);
    }
  }

  private void add(int counter, long amount) {
    values.setOpaque(counter, values.getPlain(counter) + amount);
  }
}
