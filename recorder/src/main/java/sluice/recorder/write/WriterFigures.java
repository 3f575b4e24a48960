package sluice.recorder.write;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.HdrHistogram.AtomicHistogram;
import sluice.recorder.format.LatencyBuckets;

/**
 * What a writer tells of itself while it works: written by its thread, read by any, without a lock.
 * Each value is right at some instant; two of them need not be of the same.
 */
public final class WriterFigures {
  private static final VarHandle VALUE = MethodHandles.arrayElementVarHandle(long[].class);

  /** Apart from whatever else lies near the array. */
  private static final int PAD = 16;

  private static final int WRITTEN = PAD;
  private static final int DURABLE = PAD + 1;
  private static final int RECORDED = PAD + 2;
  private static final int CHUNKS = PAD + 3;
  private static final int GAPS = PAD + 4;
  private static final int LOST = PAD + 5;
  private static final int IN_FLIGHT = PAD + 6;
  private static final int FLUSHES = PAD + 7;
  private static final int LONGEST_FLUSH = PAD + 8;
  private static final int LONGEST_WRITE = PAD + 9;
  private static final int PAUSES = PAD + 10;
  private static final int LONGEST_PAUSE = PAD + 11;
  private static final int CURRENT_PAUSE = PAD + 12;
  private static final int PAUSED_NANOS = PAD + 13;
  private static final int LAST_ADDRESS = PAD + 14;
  private static final int RETRIES = PAD + 15;

  private static final long SHORTEST_NANOS = 1_000;
  private static final long LONGEST_NANOS = 200_000_000_000L;

  private final long[] values = new long[PAD + 16 + PAD];
  private final long[] buckets = new long[LatencyBuckets.COUNT];
  private final AtomicHistogram latencies = new AtomicHistogram(SHORTEST_NANOS, LONGEST_NANOS, 2);

  WriterFigures() {}

  private long value(int index) {
    return (long) VALUE.getOpaque(values, index);
  }

  private void set(int index, long value) {
    VALUE.setOpaque(values, index, value);
  }

  private void add(int index, long value) {
    set(index, values[index] + value);
  }

  private void max(int index, long value) {
    if (value > values[index]) {
      set(index, value);
    }
  }

  // ------------------------------------------------------------------------------ the writer's
  // side

  void chunk(long length) {
    add(RECORDED, length);
    add(WRITTEN, length);
    add(CHUNKS, 1);
  }

  void gap(long lost) {
    add(LOST, lost);
    add(WRITTEN, lost);
    add(GAPS, 1);
  }

  void durable(long streamOffset) {
    set(DURABLE, streamOffset);
  }

  void inFlight(int count) {
    set(IN_FLIGHT, count);
  }

  void lastAddress(long address) {
    set(LAST_ADDRESS, address);
  }

  void flush(long nanos) {
    add(FLUSHES, 1);
    max(LONGEST_FLUSH, nanos);
  }

  void retry() {
    add(RETRIES, 1);
  }

  void write(long nanos) {
    max(LONGEST_WRITE, nanos);
    buckets[LatencyBuckets.bucket(nanos)]++;
    latencies.recordValue(Math.min(nanos, LONGEST_NANOS));
  }

  void pauses(PauseTracker tracker, long now) {
    set(PAUSES, tracker.count());
    set(LONGEST_PAUSE, tracker.longestNanos());
    set(PAUSED_NANOS, tracker.totalNanos());
    set(CURRENT_PAUSE, tracker.current(now));
  }

  /** For the catalogue, by the writer's thread. */
  LatencyBuckets buckets() {
    return new LatencyBuckets(buckets);
  }

  // ------------------------------------------------------------------------------------------
  // anyone

  /** Stream bytes whose writes have completed, gaps included: all below this offset. */
  public long writtenBytes() {
    return value(WRITTEN);
  }

  /** Stream bytes that are durable: whatever happens now, they are found, all below this offset. */
  public long durableBytes() {
    return value(DURABLE);
  }

  /** Written bytes without gaps. */
  public long recordedBytes() {
    return value(RECORDED);
  }

  public long chunks() {
    return value(CHUNKS);
  }

  public long gaps() {
    return value(GAPS);
  }

  /** Bytes lost in those gaps. What the ring has lost since is not among them yet. */
  public long lostBytes() {
    return value(LOST);
  }

  /** Writes in flight. */
  public long inFlight() {
    return value(IN_FLIGHT);
  }

  public long flushes() {
    return value(FLUSHES);
  }

  public long longestFlushNanos() {
    return value(LONGEST_FLUSH);
  }

  public long longestWriteNanos() {
    return value(LONGEST_WRITE);
  }

  /** Pauses that are over. */
  public long pauses() {
    return value(PAUSES);
  }

  /** The longest pause that is over. */
  public long longestPauseNanos() {
    return value(LONGEST_PAUSE);
  }

  /** All pauses that are over, together. */
  public long pausedNanos() {
    return value(PAUSED_NANOS);
  }

  /** For how long no write has completed now, though some are in flight. */
  public long currentPauseNanos() {
    return value(CURRENT_PAUSE);
  }

  /** The drive address after the last byte written. */
  public long lastAddress() {
    return value(LAST_ADDRESS);
  }

  /** Requests that the drive failed and that were tried again. */
  public long retries() {
    return value(RETRIES);
  }

  /** Write latencies in nanoseconds; may be read, copied and queried by any thread. */
  public AtomicHistogram latencies() {
    return latencies;
  }
}
