package sluice.virtual.command;

/**
 * Commands that are done and have not been answered: those that are answered at a time, and those
 * for which their queue had no room. In arrays that are made once.
 */
final class HeldCommands {
  /** Answers a command. */
  @FunctionalInterface
  interface Attempt {
    /**
     * @return false if there is no room; it is tried again later
     */
    boolean answer(int slot);
  }

  private final byte[] states;
  private final long[] dues;

  /** Slots by due time, a binary heap. */
  private final int[] heap;

  private int heapSize;

  private final SlotQueue ready;

  HeldCommands(CommandTable table) {
    this.states = table.states;
    this.dues = table.dues;
    heap = new int[dues.length];
    ready = new SlotQueue(dues.length);
  }

  boolean isEmpty() {
    return heapSize == 0 && ready.isEmpty();
  }

  /** When the next command is due; {@link CommandTable#NEVER} if none is by itself. */
  long nextDue() {
    return heapSize == 0 ? CommandTable.NEVER : dues[heap[0]];
  }

  /** Adds a command that is answered at its time. */
  void add(int slot) {
    states[slot] = CommandTable.HELD;
    heap[heapSize] = slot;
    siftUp(heapSize++);
  }

  /** Adds a command for which there was no room. */
  void addReady(int slot) {
    states[slot] = CommandTable.READY;
    ready.add(slot);
  }

  /** Answers what is due; returns how much. */
  int answer(long now, Attempt attempt) {
    int answered = 0;
    for (int tries = ready.size(); tries > 0; tries--) {
      answered += answerOrKeep(ready.poll(), attempt);
    }
    while (heapSize > 0 && dues[heap[0]] <= now) {
      answered += answerOrKeep(pop(), attempt);
    }
    return answered;
  }

  private int answerOrKeep(int slot, Attempt attempt) {
    if (attempt.answer(slot)) {
      return 1;
    }
    addReady(slot);
    return 0;
  }

  /**
   * Takes a command out that is not due yet.
   *
   * @return false if it is not here, or its time has come
   */
  boolean remove(int slot) {
    int before = heapSize;
    heapSize = 0;
    for (int i = 0; i < before; i++) {
      // What is added lands at i at the most, in what has been looked at.
      if (heap[i] != slot) {
        add(heap[i]);
      }
    }
    return heapSize < before;
  }

  /** Takes commands out. */
  void drop(boolean[] which) {
    ready.drop(which);
    int before = heapSize;
    heapSize = 0;
    for (int i = 0; i < before; i++) {
      // As in remove.
      if (!which[heap[i]]) {
        add(heap[i]);
      }
    }
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
}
