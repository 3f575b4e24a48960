package sluice.nvme.tcp;

import java.util.Arrays;
import sluice.vfio.DmaMemory;

/**
 * The commands of a connection by slot: which are out, where their data is, and how much of it has
 * moved. Behind the slots of the queue's commands are those of the transport's own, whose
 * identifiers no command of the queue ever has:
 *
 * <pre>
 *   0 … depth - 1    the queue's       (identifier &amp; mask) is the slot
 *   depth            a call            identifier mask
 *   depth + 1        Keep Alive        identifier mask + 1 + mask
 * </pre>
 *
 * <p>What a command's memory is for, and how much of it has been used, is decided by this and
 * nothing that the other end says. Used by the connection's owner; allocates nothing.
 */
final class CommandTable {
  /** Which way a command's data goes. */
  enum Way {
    /** It has none. */
    NONE,
    /** To the host. */
    IN,
    /** To the controller, in the command's capsule. */
    IN_CAPSULE,
    /** To the controller, when that asks for it. */
    ASKED_FOR
  }

  /** Slots besides the queue's. */
  static final int OWN_SLOTS = 2;

  private static final int NOT_OUT = -1;

  private final int depth;
  private final int mask;
  private final int[] identifiers;
  private final Way[] ways;
  private final DmaMemory[] memories;
  private final long[] offsets;
  private final int[] bytes;
  private final int[] moved;
  private final int[] asked;
  private final int[] ready;
  private final int[] unsent;
  private final boolean[] spoiled;
  private int out;
  private int readsOut;

  /**
   * @param depth commands of the queue, 1 to 4095
   */
  CommandTable(int depth) {
    this.depth = depth;
    this.mask = (Integer.highestOneBit(depth) << 1) - 1;
    int slots = depth + OWN_SLOTS;
    identifiers = new int[slots];
    ways = new Way[slots];
    memories = new DmaMemory[slots];
    offsets = new long[slots];
    bytes = new int[slots];
    moved = new int[slots];
    asked = new int[slots];
    ready = new int[slots];
    unsent = new int[slots];
    spoiled = new boolean[slots];
    Arrays.fill(identifiers, NOT_OUT);
    Arrays.fill(ways, Way.NONE);
  }

  int slots() {
    return depth + OWN_SLOTS;
  }

  /** Whether a slot is of the transport's own commands. */
  boolean isOwn(int slot) {
    return slot >= depth;
  }

  /** The slot of a call of the transport's own. */
  int callSlot() {
    return depth;
  }

  int callIdentifier() {
    return mask;
  }

  int keepAliveSlot() {
    return depth + 1;
  }

  int keepAliveIdentifier() {
    return (mask + 1) | mask;
  }

  /** Commands that are out, the transport's own among them. */
  int out() {
    return out;
  }

  /** Whether any is out that is not the transport's own. */
  boolean hasRequests() {
    for (int slot = 0; slot < depth; slot++) {
      if (isOut(slot)) {
        return true;
      }
    }
    return false;
  }

  /** Of these, those that read. */
  int readsOut() {
    return readsOut;
  }

  /**
   * A command goes out.
   *
   * @param itsMemory null for a command without data
   */
  void open(int slot, int identifier, Way way, DmaMemory itsMemory, long offset, int itsBytes) {
    assert identifiers[slot] == NOT_OUT : "slot " + slot + " is out";
    identifiers[slot] = identifier;
    ways[slot] = way;
    memories[slot] = itsMemory;
    offsets[slot] = offset;
    bytes[slot] = itsBytes;
    moved[slot] = 0;
    asked[slot] = 0;
    ready[slot] = 0;
    unsent[slot] = 0;
    spoiled[slot] = false;
    out++;
    readsOut += way == Way.IN ? 1 : 0;
  }

  /** A command has ended: its memory is not touched any more. */
  void close(int slot) {
    identifiers[slot] = NOT_OUT;
    memories[slot] = null;
    out--;
    readsOut -= ways[slot] == Way.IN ? 1 : 0;
  }

  boolean isOut(int slot) {
    return identifiers[slot] != NOT_OUT;
  }

  /**
   * The slot of the command that is out under an identifier.
   *
   * @param identifier as the other end says it, 0 to 65535
   * @return -1 if none is
   */
  int slotOf(int identifier) {
    int slot = identifier & mask;
    if (slot == mask) {
      slot = identifier == mask ? callSlot() : keepAliveSlot();
    } else if (slot >= depth) {
      return -1;
    }
    return identifiers[slot] == identifier ? slot : -1;
  }

  int identifier(int slot) {
    return identifiers[slot];
  }

  Way way(int slot) {
    return ways[slot];
  }

  DmaMemory memory(int slot) {
    return memories[slot];
  }

  /** Where in its memory a command's data begins. */
  long offset(int slot) {
    return offsets[slot];
  }

  int bytes(int slot) {
    return bytes[slot];
  }

  /** Bytes that have been received, or sent because they were asked for. */
  int moved(int slot) {
    return moved[slot];
  }

  void move(int slot, int more) {
    moved[slot] += more;
    assert moved[slot] <= bytes[slot] : "more data than a command has";
  }

  /** Bytes that have been asked for. */
  int asked(int slot) {
    return asked[slot];
  }

  /** R2Ts that have not been answered to the end. */
  int ready(int slot) {
    return ready[slot];
  }

  void beginReady(int slot, int more) {
    asked[slot] += more;
    ready[slot]++;
  }

  void endReady(int slot) {
    ready[slot]--;
  }

  /** PDUs of a command that have not been handed to the kernel. */
  int unsent(int slot) {
    return unsent[slot];
  }

  void beginSending(int slot) {
    unsent[slot]++;
  }

  void endSending(int slot) {
    unsent[slot]--;
  }

  /** Whether a data digest was wrong. */
  boolean isSpoiled(int slot) {
    return spoiled[slot];
  }

  void spoil(int slot) {
    spoiled[slot] = true;
  }
}
