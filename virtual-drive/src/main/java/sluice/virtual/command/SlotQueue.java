package sluice.virtual.command;

/** Slots, first in, first out. */
final class SlotQueue {
  private final int[] slots;
  private int first;
  private int size;

  SlotQueue(int capacity) {
    slots = new int[capacity];
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
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

  /** Takes slots out, wherever they are. */
  void drop(boolean[] which) {
    for (int tries = size; tries > 0; tries--) {
      int slot = poll();
      if (!which[slot]) {
        add(slot);
      }
    }
  }
}
