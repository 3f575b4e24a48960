package sluice.virtual.command;

/**
 * Which parts of the media commands work on: of two that have blocks in common, one of which writes
 * them, the later one waits, and no other one does. A block is never seen half written by that, and
 * what is written later stays. Used in the drive's turns.
 */
final class BlockLocks {
  private final int[] locked;
  private int lockedCount;

  /** Commands that wait, in their order. */
  private final int[] waiting;

  private int waitingCount;

  /** Whether something is out of the way since those that wait were looked at. */
  private boolean isGivenBack;

  // By slot.
  private final long[] starts;
  private final long[] ends;
  private final boolean[] isWrite;

  BlockLocks(int capacity) {
    locked = new int[capacity];
    waiting = new int[capacity];
    starts = new long[capacity];
    ends = new long[capacity];
    isWrite = new boolean[capacity];
  }

  /** Whether nobody has a lock, or waits for one. */
  boolean isEmpty() {
    return lockedCount == 0 && waitingCount == 0;
  }

  /** What a slot's command will work on, from a byte to another. */
  void describe(int slot, long start, long end, boolean writes) {
    starts[slot] = start;
    ends[slot] = end;
    isWrite[slot] = writes;
  }

  /** Whether a command can begin beside those that hold locks, and those that wait already. */
  boolean isFree(long start, long end, boolean writes) {
    return isFreeOf(locked, lockedCount, start, end, writes)
        && isFreeOf(waiting, waitingCount, start, end, writes);
  }

  private boolean isFreeOf(int[] slots, int count, long start, long end, boolean writes) {
    for (int i = 0; i < count; i++) {
      int other = slots[i];
      if (start < ends[other] && starts[other] < end && (writes || isWrite[other])) {
        return false;
      }
    }
    return true;
  }

  /**
   * Locks what a slot's command works on, or lets it wait for that.
   *
   * @return whether it can begin
   */
  boolean lockOrWait(int slot) {
    boolean isFree = isFree(starts[slot], ends[slot], isWrite[slot]);
    if (isFree) {
      locked[lockedCount++] = slot;
    } else {
      waiting[waitingCount++] = slot;
    }
    return isFree;
  }

  /**
   * Looks among those that wait for one that has nothing in its way any more, whatever is in the
   * way of those before it.
   *
   * @param from where in their order to begin
   * @return where it is, for {@link #lock}; {@link CommandTable#NONE} if there is none
   */
  int nextFree(int from) {
    if (!isGivenBack) {
      return CommandTable.NONE;
    }
    for (int at = from; at < waitingCount; at++) {
      int slot = waiting[at];
      long start = starts[slot];
      long end = ends[slot];
      boolean writes = isWrite[slot];
      if (isFreeOf(locked, lockedCount, start, end, writes)
          && isFreeOf(waiting, at, start, end, writes)) {
        return at;
      }
    }
    isGivenBack = false;
    return CommandTable.NONE;
  }

  /** Locks for one that waits; returns its slot. */
  int lock(int at) {
    int slot = waiting[at];
    waitingCount--;
    System.arraycopy(waiting, at + 1, waiting, at, waitingCount - at);
    locked[lockedCount++] = slot;
    return slot;
  }

  /** Some do not wait any more. */
  void drop(boolean[] which) {
    int kept = 0;
    for (int i = 0; i < waitingCount; i++) {
      int slot = waiting[i];
      if (!which[slot]) {
        waiting[kept++] = slot;
      }
    }
    isGivenBack |= kept < waitingCount;
    waitingCount = kept;
  }

  /** Gives a lock back. */
  void unlock(int slot) {
    giveBack(requireLocked(slot));
  }

  /** Gives a lock back, if there is one. */
  void unlockIfLocked(int slot) {
    int at = indexOf(slot);
    if (at != CommandTable.NONE) {
      giveBack(at);
    }
  }

  /** Hands a lock over. */
  void replace(int slot, int to) {
    locked[requireLocked(slot)] = to;
  }

  private int requireLocked(int slot) {
    int at = indexOf(slot);
    if (at == CommandTable.NONE) {
      throw new AssertionError("slot " + slot + " has no lock");
    }
    return at;
  }

  private int indexOf(int slot) {
    for (int i = 0; i < lockedCount; i++) {
      if (locked[i] == slot) {
        return i;
      }
    }
    return CommandTable.NONE;
  }

  private void giveBack(int at) {
    locked[at] = locked[--lockedCount];
    isGivenBack = true;
  }
}
