package sluice.recorder.read;

import sluice.recorder.format.IndexEntry;

/**
 * Finds the place in a recording that was under way at a time, from its index entries in order.
 * Times may step back where the clock was set; so every entry is looked at, until one is found.
 *
 * <p>A chunk or gap was under way from its own time until that of the next. Allocates nothing per
 * entry.
 */
public final class TimeSearch {
  private static final long NONE = -1;

  private final long wanted;

  private boolean started;
  private long lastSequence = NONE;
  private long lastOffset;
  private long lastTime;
  private long lastKnown = Long.MIN_VALUE;

  /** The first place that is later, in case that none is right. */
  private long laterSequence = NONE;

  private long laterOffset;

  private long sequence = NONE;
  private long streamOffset;

  /**
   * @param wanted nanoseconds since the epoch
   */
  public TimeSearch(long wanted) {
    this.wanted = wanted;
  }

  /** Takes note of the next entry. */
  public void pass(int kind, long entrySequence, long entryOffset, long time) {
    if (kind == IndexEntry.MARK) {
      lastKnown = Math.max(lastKnown, time);
      return;
    }
    if (started && lastTime <= wanted && wanted < time) {
      found(lastSequence, lastOffset);
    } else if (time == wanted) {
      found(entrySequence, entryOffset);
    } else if (laterSequence == NONE && time > wanted) {
      laterSequence = entrySequence;
      laterOffset = entryOffset;
    }
    started = true;
    lastSequence = entrySequence;
    lastOffset = entryOffset;
    lastTime = time;
    lastKnown = time;
  }

  /**
   * No entry follows.
   *
   * @param closedNanos when the recording was closed; 0 if it was not, and its last entry tells
   */
  public void end(long closedNanos) {
    if (sequence == NONE) {
      if (started && lastTime <= wanted && wanted <= Math.max(lastKnown, closedNanos)) {
        found(lastSequence, lastOffset);
      } else if (laterSequence != NONE) {
        found(laterSequence, laterOffset);
      }
    }
  }

  private void found(long atSequence, long atOffset) {
    if (sequence == NONE) {
      sequence = atSequence;
      streamOffset = atOffset;
    }
  }

  /** Whether the place is known; no further entry changes it. */
  public boolean isFound() {
    return sequence != NONE;
  }

  /** Of the entry that was found. */
  public long sequence() {
    return sequence;
  }

  /** Of the entry that was found. */
  public long streamOffset() {
    return streamOffset;
  }
}
