package sluice.recorder.write;

import sluice.recorder.format.EndReason;

/**
 * Where a recording breaks off, though the stream goes on: from this position of the ring on, all
 * is lost. There may be none.
 */
final class Cut {
  private static final long NOWHERE = Long.MAX_VALUE;

  private long position = NOWHERE;
  private EndReason reason = EndReason.NONE;

  /** What of the slot before was not kept, because the drive ended within it. */
  private int rest;

  private long restTime;

  /** The first position that is lost; greater than any if there is no cut. */
  long position() {
    return position;
  }

  boolean isMade() {
    return position != NOWHERE;
  }

  /** Why; {@link EndReason#NONE} if there is none. */
  EndReason reason() {
    return reason;
  }

  /**
   * Makes the cut at a position.
   *
   * @return false if there is one before it
   */
  boolean make(long at, EndReason why) {
    if (at >= position) {
      return false;
    }
    position = at;
    reason = why;
    rest = 0;
    return true;
  }

  /** The slot before the cut is kept in part. */
  void losesRest(int bytes, long timeNanos) {
    rest = bytes;
    restTime = timeNanos;
  }

  /** Tells the gap at the end of what the slot before the cut has lost, once. */
  void tellRest(GapAtEnd lost) {
    lost.add(rest, restTime, false);
    rest = 0;
  }

  /** Forgets one that was made for want of room. */
  void undoIfFull() {
    if (reason == EndReason.DATA_FULL || reason == EndReason.INDEX_FULL) {
      position = NOWHERE;
      reason = EndReason.NONE;
      rest = 0;
    }
  }
}
