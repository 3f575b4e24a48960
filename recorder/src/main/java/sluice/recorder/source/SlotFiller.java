package sluice.recorder.source;

import java.util.function.LongSupplier;
import sluice.recorder.ring.StreamRing;
import sluice.support.memory.OffHeap;

/**
 * Fills a ring's slots piece by piece: a slot is committed when it is full, when its first bytes
 * have waited long enough, when bytes are missing after it, or when the stream ends.
 *
 * <p>Used by the ring's producer thread.
 */
final class SlotFiller {
  private final StreamRing ring;
  private final LongSupplier ticks;
  private final long maxAgeNanos;

  /** The claimed slot, or 0. */
  private long slot;

  private int filled;
  private long firstByteTime;
  private long firstByteTicks;

  SlotFiller(StreamRing ring, LongSupplier ticks, long maxAgeNanos) {
    this.ring = ring;
    this.ticks = ticks;
    this.maxAgeNanos = maxAgeNanos;
  }

  /** Where the next byte belongs, with {@link #room} bytes of room; 0 when the ring is full. */
  long at() {
    if (slot == 0) {
      slot = ring.claim();
    }
    return slot == 0 ? 0 : slot + filled;
  }

  /** Which of the ring's slots {@link #at} is in, from 0; while that is not 0. */
  int slot() {
    return (int) ((slot - ring.memory().address()) / ring.slotBytes());
  }

  StreamRing ring() {
    return ring;
  }

  /** Bytes that fit at {@link #at}; always more than 0 while that is not 0. */
  int room() {
    return ring.slotBytes() - filled;
  }

  /**
   * Takes bytes that were put at {@link #at}.
   *
   * @param bytes 0 to {@link #room}
   * @param time when they arrived, in nanoseconds since the epoch
   */
  void filled(int bytes, long time) {
    assert slot != 0 && bytes >= 0 && bytes <= room() : bytes;
    if (filled == 0) {
      firstByteTime = time;
      firstByteTicks = ticks.getAsLong();
    }
    filled += bytes;
    if (filled == ring.slotBytes()) {
      commit();
    }
  }

  /**
   * Copies bytes into as many slots as they need and as there are.
   *
   * @return how many found room
   */
  long append(long address, long length, long time) {
    long done = 0;
    while (done < length) {
      long to = at();
      if (to == 0) {
        break;
      }
      int piece = (int) Math.min(room(), length - done);
      OffHeap.copy(address + done, to, piece);
      filled(piece, time);
      done += piece;
    }
    return done;
  }

  /** Says that bytes are missing after all that was filled, and before what is filled next. */
  void lost(long bytes, long time) {
    lost(bytes, time, false);
  }

  /**
   * As {@link #lost(long, long)}.
   *
   * @param isEstimate whether it is known only roughly how many bytes they are
   */
  void lost(long bytes, long time, boolean isEstimate) {
    if (bytes > 0) {
      commit();
      ring.lost(bytes, time, isEstimate);
    }
  }

  /** Commits a slot whose first byte has waited for long enough. */
  void commitIfOld() {
    if (filled > 0 && ticks.getAsLong() - firstByteTicks >= maxAgeNanos) {
      commit();
    }
  }

  /** Whether the consumer wants no more. */
  boolean isStopped() {
    return ring.isStopped();
  }

  /** Commits what there is and ends the stream. */
  void end() {
    commit();
    ring.end();
  }

  /** Commits what there is. */
  void commit() {
    if (filled > 0) {
      ring.commit(filled, firstByteTime);
      filled = 0;
      slot = 0;
    }
  }
}
