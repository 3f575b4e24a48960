package sluice.virtual.command;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import sluice.queues.SubmissionEntry;

/**
 * The commands of a drive from when they are taken until they are answered: a command is a slot, an
 * index into arrays that are made once, with a copy of the 64 bytes that the host sent. Used in the
 * drive's turns.
 *
 * <p>Most commands are done where they are taken: these use {@link #next} and its memory, and never
 * {@linkplain #claim become} one of those that are out.
 */
final class CommandTable {
  /** Due time of a command that is never answered. */
  static final long NEVER = Long.MAX_VALUE;

  /** Due time of a command that can be answered, whatever the clock says. */
  static final long NOW = Long.MIN_VALUE;

  static final int NONE = -1;

  // What is going on with a command.
  static final byte FREE = 0;
  static final byte TAKEN = 1;

  /** Its data is on the way from the host. */
  static final byte FETCHING = 2;

  /** It waits for others on the same blocks, or for its other half. */
  static final byte WAITING = 3;

  /** The media works on it. */
  static final byte MOVING = 4;

  /** It waits for a flush. */
  static final byte SYNCING = 5;

  /** Its data is on the way to the host. */
  static final byte DELIVERING = 6;

  /** Done; it is answered when its time has come. */
  static final byte HELD = 7;

  /** Done, and there was no room for its answer. */
  static final byte READY = 8;

  /** Kinds of commands in {@link #outOfKind}, a power of two. */
  private static final int KINDS = 1 << 15;

  private final int capacity;
  private final long entries;
  private final MemorySegment memory;
  private final int[] free;
  private int freeCount;

  /** How many commands there are of each {@link #kind}: mostly none, which spares a search. */
  private final char[] outOfKind = new char[KINDS];

  private final int[] kinds;

  // By slot.
  final byte[] states;

  /** Null for one that nobody waits for any more. */
  final HostQueue[] queues;

  /** Of whose controller it is or was; null for one that is no host's. */
  final HostShare[] shares;

  final int[] commandIds;
  final int[] statuses;
  final int[] results;
  final long[] dues;

  CommandTable(int capacity) {
    this.capacity = capacity;
    memory =
        Arena.ofAuto().allocate((long) capacity * SubmissionEntry.BYTES, SubmissionEntry.BYTES);
    entries = memory.address();
    free = new int[capacity];
    kinds = new int[capacity];
    states = new byte[capacity];
    queues = new HostQueue[capacity];
    shares = new HostShare[capacity];
    commandIds = new int[capacity];
    statuses = new int[capacity];
    results = new int[capacity];
    dues = new long[capacity];
    freeCount = capacity;
    Arrays.setAll(free, i -> capacity - 1 - i);
  }

  int capacity() {
    return capacity;
  }

  /** How many more commands can be taken. */
  int free() {
    return freeCount;
  }

  boolean isEmpty() {
    return freeCount == capacity;
  }

  /** The slot that is claimed next; there is one. */
  int next() {
    return free[freeCount - 1];
  }

  /** Where a slot's copy of its command is. */
  long entry(int slot) {
    return entries + ((long) slot << 6);
  }

  /** {@link #next} has something now that nobody is to be told of. */
  int claim() {
    int slot = free[--freeCount];
    states[slot] = TAKEN;
    return slot;
  }

  /** {@link #next} has a command now. */
  int claim(HostQueue queue, int commandId, long due) {
    int slot = free[--freeCount];
    int kind = kind(queue.id(), commandId);
    kinds[slot] = kind;
    outOfKind[kind]++;
    states[slot] = TAKEN;
    queues[slot] = queue;
    shares[slot] = queue.controller().share();
    shares[slot].addCommand();
    commandIds[slot] = commandId;
    statuses[slot] = 0;
    results[slot] = 0;
    dues[slot] = due;
    return slot;
  }

  /** A slot's command is no more. */
  void release(int slot) {
    assert states[slot] != FREE : "slot " + slot + " is released twice";
    if (queues[slot] != null) {
      orphan(slot);
    }
    if (shares[slot] != null) {
      shares[slot].removeCommand();
      shares[slot] = null;
    }
    states[slot] = FREE;
    free[freeCount++] = slot;
  }

  /** Nobody waits for a slot's command any more, which goes on. */
  void orphan(int slot) {
    outOfKind[kinds[slot]]--;
    queues[slot] = null;
  }

  /** The slot of a command that was taken before, and has not been answered; or {@link #NONE}. */
  int find(HostQueue queue, int commandId) {
    return findOther(queue, commandId, NONE);
  }

  /** The same, but for one slot. */
  int findOther(HostQueue queue, int commandId, int own) {
    if (outOfKind[kind(queue.id(), commandId)] == 0) {
      return NONE;
    }
    for (int slot = 0; slot < capacity; slot++) {
      if (slot != own && isOf(slot, queue) && commandIds[slot] == commandId) {
        return slot;
      }
    }
    return NONE;
  }

  /** Whether a slot has a command of a queue: of this one, not one like it. */
  @SuppressWarnings("ReferenceEquality")
  boolean isOf(int slot, HostQueue queue) {
    return queues[slot] == queue;
  }

  /** A part of all the commands that there can be. */
  private static int kind(int sqId, int commandId) {
    return (commandId + sqId * 0x1f35) & (KINDS - 1);
  }
}
