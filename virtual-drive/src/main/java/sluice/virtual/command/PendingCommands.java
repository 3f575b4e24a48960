package sluice.virtual.command;

import java.util.Arrays;

/**
 * Commands that were taken and have not completed: those that complete at a time, those that wait
 * for a flush, and those for which their completion queue had no room. All in arrays that are made
 * once; a command is a slot, an index into them.
 */
public final class PendingCommands {
  /** Due time of a command that never completes. */
  static final long NEVER = Long.MAX_VALUE;

  /** Due time of a command that has completed, whatever the clock says. */
  static final long NOW = Long.MIN_VALUE;

  /** Instead of a queue's identifier, for a slot that is free. */
  private static final int NOBODY = -1;

  /** Kinds of commands in {@link #outOfKind}, a power of two. */
  private static final int KINDS = 1 << 15;

  /** Posts a completion. */
  interface Poster {
    /**
     * @return false if there is no room; it is tried again later
     */
    boolean post(int sqId, int commandId, int status, int result);
  }

  /** Is told of commands whose flush failed. */
  interface FlushFailures {
    void add(int sqId, int commandId, int nsid, long lba);
  }

  private final int capacity;
  private final int[] sqIds;
  private final int[] commandIds;
  private final int[] statuses;
  private final int[] results;
  private final long[] dues;
  private final long[] tickets;

  // For the error log, of commands that wait for a flush.
  private final int[] nsids;
  private final long[] lbas;

  private final int[] free;
  private int freeCount;

  /** How many commands there are of each {@link #kind}: mostly none, which spares a search. */
  private final char[] outOfKind = new char[KINDS];

  /** Slots by due time, a binary heap. */
  private final int[] heap;

  private int heapSize;

  private final SlotQueue flushing;
  private final SlotQueue ready;

  PendingCommands(int capacity) {
    this.capacity = capacity;
    sqIds = new int[capacity];
    commandIds = new int[capacity];
    statuses = new int[capacity];
    results = new int[capacity];
    dues = new long[capacity];
    tickets = new long[capacity];
    nsids = new int[capacity];
    lbas = new long[capacity];
    free = new int[capacity];
    heap = new int[capacity];
    flushing = new SlotQueue(capacity);
    ready = new SlotQueue(capacity);
    clear();
  }

  /** Forgets all: the controller was reset. */
  void clear() {
    heapSize = 0;
    flushing.clear();
    ready.clear();
    freeCount = capacity;
    Arrays.fill(outOfKind, (char) 0);
    Arrays.fill(sqIds, NOBODY);
    for (int i = 0; i < capacity; i++) {
      free[i] = capacity - 1 - i;
    }
  }

  /** How many more commands can be taken. */
  int free() {
    return freeCount;
  }

  boolean isEmpty() {
    return freeCount == capacity;
  }

  /** Whether a command is here. */
  boolean contains(int sqId, int commandId) {
    if (outOfKind[kind(sqId, commandId)] == 0) {
      return false;
    }
    for (int slot = 0; slot < capacity; slot++) {
      if (sqIds[slot] == sqId && commandIds[slot] == commandId) {
        return true;
      }
    }
    return false;
  }

  /** A part of all the commands that there can be. */
  private static int kind(int sqId, int commandId) {
    return (commandId + sqId * 0x1f35) & (KINDS - 1);
  }

  /** Adds a command that completes at a time. */
  void schedule(int sqId, int commandId, int status, int result, long due) {
    push(take(sqId, commandId, status, result, due));
  }

  /** Adds a command that completes after a flush, and not before a time. */
  void awaitFlush(int sqId, int commandId, long ticket, long due, int nsid, long lba) {
    int slot = take(sqId, commandId, 0, 0, due);
    nsids[slot] = nsid;
    lbas[slot] = lba;
    tickets[slot] = ticket;
    flushing.add(slot);
  }

  private int take(int sqId, int commandId, int status, int result, long due) {
    int slot = free[--freeCount];
    sqIds[slot] = sqId;
    commandIds[slot] = commandId;
    statuses[slot] = status;
    results[slot] = result;
    dues[slot] = due;
    outOfKind[kind(sqId, commandId)]++;
    return slot;
  }

  private void release(int slot) {
    outOfKind[kind(sqIds[slot], commandIds[slot])]--;
    sqIds[slot] = NOBODY;
    free[freeCount++] = slot;
  }

  /**
   * Flushes up to a ticket have completed.
   *
   * @param status of the commands that waited for them
   * @param failures is told of each of them unless the status is 0
   */
  void flushed(long ticket, int status, FlushFailures failures) {
    while (!flushing.isEmpty() && tickets[flushing.peek()] <= ticket) {
      int slot = flushing.poll();
      statuses[slot] = status;
      if (status != 0) {
        failures.add(sqIds[slot], commandIds[slot], nsids[slot], lbas[slot]);
      }
      push(slot);
    }
  }

  boolean isFlushing() {
    return !flushing.isEmpty();
  }

  /** When the next command is due; {@link #NEVER} if none is by itself. */
  long nextDue() {
    return heapSize == 0 ? NEVER : dues[heap[0]];
  }

  /** Posts what is due. */
  int complete(long now, Poster poster) {
    int posted = 0;
    for (int tries = ready.size(); tries > 0; tries--) {
      posted += postOrKeep(ready.poll(), poster);
    }
    while (heapSize > 0 && dues[heap[0]] <= now) {
      posted += postOrKeep(pop(), poster);
    }
    return posted;
  }

  private int postOrKeep(int slot, Poster poster) {
    if (poster.post(sqIds[slot], commandIds[slot], statuses[slot], results[slot])) {
      release(slot);
      return 1;
    }
    ready.add(slot);
    return 0;
  }

  /**
   * Takes a command out that is to be aborted.
   *
   * @return false if it is not here, or is too far to be aborted
   */
  boolean takeOut(int sqId, int commandId) {
    for (int i = 0; i < heapSize; i++) {
      int slot = heap[i];
      if (sqIds[slot] == sqId && commandIds[slot] == commandId && dues[slot] != NOW) {
        remove(i);
        release(slot);
        return true;
      }
    }
    return false;
  }

  private void remove(int at) {
    int before = heapSize;
    heapSize = 0;
    for (int i = 0; i < before; i++) {
      // What is pushed lands at i at the most, in what has been looked at.
      if (i != at) {
        push(heap[i]);
      }
    }
  }

  /**
   * Ends all commands of a queue that goes, and no others: posts those for which there is room, and
   * forgets them.
   *
   * @param status of those that had none yet
   */
  void abandon(int sqId, int status, Poster poster) {
    for (int tries = ready.size(); tries > 0; tries--) {
      int slot = ready.poll();
      if (sqIds[slot] == sqId) {
        end(slot, statuses[slot], poster);
      } else {
        ready.add(slot);
      }
    }
    int before = heapSize;
    heapSize = 0;
    for (int i = 0; i < before; i++) {
      // As in remove.
      int slot = heap[i];
      if (sqIds[slot] == sqId) {
        end(slot, status, poster);
      } else {
        push(slot);
      }
    }
    for (int tries = flushing.size(); tries > 0; tries--) {
      int slot = flushing.poll();
      if (sqIds[slot] == sqId) {
        end(slot, status, poster);
      } else {
        flushing.add(slot);
      }
    }
  }

  private void end(int slot, int status, Poster poster) {
    boolean _ = poster.post(sqIds[slot], commandIds[slot], status, results[slot]);
    release(slot);
  }

  private void push(int slot) {
    heap[heapSize] = slot;
    siftUp(heapSize++);
  }

  private int pop() {
    int top = heap[0];
    int last = heap[--heapSize];
    if (heapSize > 0) {
      siftDown(last);
    }
    return top;
  }

  private void siftUp(int at) {
    int slot = heap[at];
    long due = dues[slot];
    while (at > 0) {
      int parent = (at - 1) >>> 1;
      if (dues[heap[parent]] <= due) {
        break;
      }
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = slot;
  }

  private void siftDown(int slot) {
    int at = 0;
    long due = dues[slot];
    while (2 * at + 1 < heapSize) {
      int child = 2 * at + 1;
      if (child + 1 < heapSize && dues[heap[child + 1]] < dues[heap[child]]) {
        child++;
      }
      if (due <= dues[heap[child]]) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = slot;
  }

  /** First in, first out. */
  private static final class SlotQueue {
    private final int[] slots;
    private int first;
    private int size;

    SlotQueue(int capacity) {
      slots = new int[capacity];
    }

    void clear() {
      first = 0;
      size = 0;
      Arrays.fill(slots, 0);
    }

    int size() {
      return size;
    }

    boolean isEmpty() {
      return size == 0;
    }

    int peek() {
      return slots[first];
    }

    int poll() {
      int slot = slots[first];
      first = first + 1 == slots.length ? 0 : first + 1;
      size--;
      return slot;
    }

    void add(int slot) {
      int at = first + size;
      slots[at < slots.length ? at : at - slots.length] = slot;
      size++;
    }
  }
}
