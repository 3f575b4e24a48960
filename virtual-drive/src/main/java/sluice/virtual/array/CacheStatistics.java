package sluice.virtual.array;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import sluice.support.text.Units;

/**
 * What a cache has done since it was made. Counted by the drive's turns; may be read by any thread
 * at any time, each number for itself.
 */
public final class CacheStatistics {
  private final long capacityBytes;
  private final AtomicLong hits = new AtomicLong();
  private final AtomicLong misses = new AtomicLong();
  private final AtomicLong hitBytes = new AtomicLong();
  private final AtomicLong missBytes = new AtomicLong();
  private final AtomicLong evictions = new AtomicLong();
  private final AtomicLong fillsDropped = new AtomicLong();
  private final AtomicLong cachedBytes = new AtomicLong();

  CacheStatistics(long capacityBytes) {
    this.capacityBytes = capacityBytes;
  }

  // One thread adds: it needs no atomic addition.
  private static void add(AtomicLong counter, long count) {
    counter.setOpaque(counter.getPlain() + count);
  }

  void hit(long bytes) {
    add(hits, 1);
    add(hitBytes, bytes);
  }

  void missed(long bytes) {
    add(misses, 1);
    add(missBytes, bytes);
  }

  void fillDropped() {
    add(fillsDropped, 1);
  }

  void lines(long evicted, long bytes) {
    evictions.setOpaque(evicted);
    cachedBytes.setOpaque(bytes);
  }

  /** Reads that were served out of the cache, whole. */
  public long hits() {
    return hits.getOpaque();
  }

  /** Reads that the media was asked for, though the cache may have had a part of them. */
  public long misses() {
    return misses.getOpaque();
  }

  /** Bytes of the {@link #hits}. */
  public long hitBytes() {
    return hitBytes.getOpaque();
  }

  /** Bytes of the {@link #misses}. */
  public long missBytes() {
    return missBytes.getOpaque();
  }

  /** Lines that had to go for others. */
  public long evictions() {
    return evictions.getOpaque();
  }

  /** Reads that were not kept, because what they read was written meanwhile. */
  public long fillsDropped() {
    return fillsDropped.getOpaque();
  }

  /** Bytes of the lines in use. */
  public long cachedBytes() {
    return cachedBytes.getOpaque();
  }

  /** Bytes that the cache can have. */
  public long capacityBytes() {
    return capacityBytes;
  }

  /** All of it for a person, in one line. */
  public String summary() {
    long reads = hits() + misses();
    double percent = reads == 0 ? 0 : 100.0 * hits() / reads;
    return String.format(
        Locale.ROOT,
        "%d of %d reads were hits (%.1f %%, %s), %s of %s in use, %d lines evicted, %d reads not kept",
        hits(),
        reads,
        percent,
        Units.formatSize(hitBytes()),
        Units.formatSize(cachedBytes()),
        Units.formatSize(capacityBytes),
        evictions(),
        fillsDropped());
  }
}
