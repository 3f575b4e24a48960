package sluice.virtual.command;

import java.util.Arrays;

/**
 * Which parts of the media commands work on: of two that have blocks in common, one of which writes
 * them, the later one waits. A block is never seen half written by that, and what is written later
 * stays. Used in the drive's turns.
 */
final class BlockLocks {
  private int[] slots = new int[64];
  private int count;

  // By slot.
  private final long[] starts;
  private final long[] ends;
  private final boolean[] isWrite;

  BlockLocks(int capacity) {
    starts = new long[capacity];
    ends = new long[capacity];
    isWrite = new boolean[capacity];
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** What a slot's command will work on, from a byte to another. */
  void describe(int slot, long start, long end, boolean writes) {
    starts[slot] = start;
    ends[slot] = end;
    isWrite[slot] = writes;
  }

  /** Whether a command can begin beside those that hold locks. */
  boolean isFree(long start, long end, boolean writes) {
    for (int i = 0; i < count; i++) {
      int other = slots[i];
      if (start < ends[other] && starts[other] < end && (writes || isWrite[other])) {
        return false;
      }
    }
    return true;
  }

  boolean isFree(int slot) {
    return isFree(starts[slot], ends[slot], isWrite[slot]);
  }

  void lock(int slot) {
    if (count == slots.length) {
      slots = Arrays.copyOf(slots, 2 * count);
    }
    slots[count++] = slot;
  }

  /** Gives a lock back. */
  void unlock(int slot) {
    replace(slot, CommandTable.NONE);
  }

  /** Gives a lock back, if there is one. */
  void unlockIfLocked(int slot) {
    for (int i = 0; i < count; i++) {
      if (slots[i] == slot) {
        slots[i] = slots[--count];
        return;
      }
    }
  }

  /**
   * Hands a lock over.
   *
   * @param to {@link CommandTable#NONE} to give it back
   */
  void replace(int slot, int to) {
    for (int i = 0; i < count; i++) {
      if (slots[i] == slot) {
        slots[i] = to != CommandTable.NONE ? to : slots[--count];
        return;
      }
    }
    throw new AssertionError("slot " + slot + " has no lock");
  }
}
