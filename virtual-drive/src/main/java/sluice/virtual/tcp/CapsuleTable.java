package sluice.virtual.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import sluice.queues.SubmissionEntry;
import sluice.virtual.command.BufferPool;

/**
 * The commands of a queue that its host has sent and that have not been answered: each is an index
 * into arrays that are made once, with a copy of its 64 bytes, and with the memory of its data.
 * Used in the target's turns; allocates nothing.
 */
final class CapsuleTable {
  static final int NONE = -1;

  /** An entry, a place in each of the arrays below, and one in the ring of those that wait. */
  private static final int BYTES_EACH = 136;

  private final int capacity;
  private final BufferPool buffers;
  private final MemorySegment memory;
  private final long entries;
  private final int[] free;
  private int freeCount;

  /** Of each used index; -1 for a free one. */
  private final int[] identifiers;

  /** By a command's identifier: the first index of a chain. */
  private final int[] chains;

  private final int[] next;

  // What came in the capsule, or has been asked for.
  private final long[] data;
  private final int[] dataBytes;
  private long capsuleBytes;

  // What goes to the host.
  private final long[] answer;
  private final int[] answerBytes;

  // What the host has been asked for.
  final int[] slots;
  final int[] wanted;
  final int[] got;
  final boolean[] isSpoiled;
  private final long[] places;

  CapsuleTable(int capacity, BufferPool buffers) {
    this.capacity = capacity;
    this.buffers = buffers;
    this.memory =
        Arena.ofAuto().allocate((long) capacity * SubmissionEntry.BYTES, SubmissionEntry.BYTES);
    this.entries = memory.address();
    this.free = new int[capacity];
    this.freeCount = capacity;
    this.identifiers = new int[capacity];
    this.chains = new int[Integer.highestOneBit(capacity) * 2];
    this.next = new int[capacity];
    this.data = new long[capacity];
    this.dataBytes = new int[capacity];
    this.answer = new long[capacity];
    this.answerBytes = new int[capacity];
    this.slots = new int[capacity];
    this.wanted = new int[capacity];
    this.got = new int[capacity];
    this.isSpoiled = new boolean[capacity];
    this.places = new long[capacity];
    Arrays.setAll(free, i -> capacity - 1 - i);
    Arrays.fill(identifiers, NONE);
    Arrays.fill(chains, NONE);
  }

  /** About how much memory one takes, on the heap and off it. */
  static long bytes(int capacity) {
    return (long) capacity * BYTES_EACH;
  }

  int capacity() {
    return capacity;
  }

  boolean isFull() {
    return freeCount == 0;
  }

  /** How many commands there are. */
  int used() {
    return capacity - freeCount;
  }

  boolean isUsed(int index) {
    return index >= 0 && index < capacity && identifiers[index] != NONE;
  }

  private int chain(int identifier) {
    return identifier & (chains.length - 1);
  }

  /** Takes a command in, of which there is none with its identifier; it is not {@link #isFull}. */
  int open(long entry) {
    int index = free[--freeCount];
    int identifier = SubmissionEntry.commandId(entry);
    SubmissionEntry.copy(entry, entry(index));
    identifiers[index] = identifier;
    int chain = chain(identifier);
    next[index] = chains[chain];
    chains[chain] = index;
    wanted[index] = 0;
    got[index] = 0;
    isSpoiled[index] = false;
    return index;
  }

  /** The command of an identifier, or {@link #NONE}. */
  int find(int identifier) {
    int index = chains[chain(identifier)];
    while (index != NONE && identifiers[index] != identifier) {
      index = next[index];
    }
    return index;
  }

  /** A command is answered; its memory is given back. */
  void close(int index) {
    int chain = chain(identifiers[index]);
    if (chains[chain] == index) {
      chains[chain] = next[index];
    } else {
      int before = chains[chain];
      while (next[before] != index) {
        before = next[before];
      }
      next[before] = next[index];
    }
    identifiers[index] = NONE;
    giveData(index);
    giveAnswer(index);
    free[freeCount++] = index;
  }

  /** All commands are over. */
  void clear() {
    clearBut(NONE);
  }

  /**
   * All commands are over but one.
   *
   * @param kept its index, or {@link #NONE}
   */
  void clearBut(int kept) {
    for (int index = 0; index < capacity; index++) {
      if (identifiers[index] != NONE && index != kept) {
        close(index);
      }
    }
  }

  int identifier(int index) {
    return identifiers[index];
  }

  long entry(int index) {
    return entries + ((long) index << 6);
  }

  // ---- data that came in the capsule

  /** How much memory has what came in capsules of commands that have not been answered. */
  long capsuleBytes() {
    return capsuleBytes;
  }

  /**
   * Takes memory for a capsule's data.
   *
   * @return its address
   * @throws OutOfMemoryError if there is none
   */
  long takeData(int index, int bytes) {
    data[index] = buffers.take(bytes);
    dataBytes[index] = bytes;
    capsuleBytes += BufferPool.held(bytes);
    return data[index];
  }

  long data(int index) {
    return data[index];
  }

  /** 0 if none came. */
  int dataBytes(int index) {
    return dataBytes[index];
  }

  private void giveData(int index) {
    if (dataBytes[index] > 0) {
      buffers.give(data[index], dataBytes[index]);
      capsuleBytes -= BufferPool.held(dataBytes[index]);
      dataBytes[index] = 0;
    }
  }

  // ---- data for the host

  /** Memory for what goes to the host: the same however often it is asked for. */
  long takeAnswer(int index, int bytes) {
    if (answerBytes[index] != bytes) {
      giveAnswer(index);
      answer[index] = buffers.take(bytes);
      answerBytes[index] = bytes;
    }
    return answer[index];
  }

  long answer(int index) {
    return answer[index];
  }

  /** 0 if there is none. */
  int answerBytes(int index) {
    return answerBytes[index];
  }

  /** The memory is on its way, and will be given back by who sends it. */
  void leaveAnswer(int index) {
    answerBytes[index] = 0;
  }

  private void giveAnswer(int index) {
    if (answerBytes[index] > 0) {
      buffers.give(answer[index], answerBytes[index]);
      answerBytes[index] = 0;
    }
  }

  // ---- data that is asked for

  /**
   * Says where it goes that the host is asked for.
   *
   * @param slot who wants it
   * @param to address, or 0 for nowhere
   */
  void ask(int index, int slot, long to, int bytes) {
    slots[index] = slot;
    places[index] = to;
    wanted[index] = bytes;
    got[index] = 0;
    isSpoiled[index] = false;
  }

  /** Where the next byte goes; 0 for nowhere. */
  long place(int index) {
    return places[index] == 0 ? 0 : places[index] + got[index];
  }

  /** Nobody wants it any more. */
  void loseInterest(int index) {
    places[index] = 0;
  }

  /** Who waits for data that is wanted, or {@link #NONE}. */
  int findSlot(int slot) {
    for (int index = 0; index < capacity; index++) {
      if (identifiers[index] != NONE && wanted[index] > 0 && slots[index] == slot) {
        return index;
      }
    }
    return NONE;
  }
}
