package sluice.nvme.tcp;

/**
 * Data that the controller has asked for (R2T) and that is not on its way yet, in order. Used by
 * the connection's owner; allocates nothing.
 */
final class ReadyRing {
  private final int[] slots;
  private final int[] tags;
  private final int[] offsets;
  private final int[] lefts;
  private int head;
  private int count;

  /**
   * @param capacity as many as can be out at once
   */
  ReadyRing(int capacity) {
    slots = new int[capacity];
    tags = new int[capacity];
    offsets = new int[capacity];
    lefts = new int[capacity];
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Adds one; there must be room. */
  void add(int slot, int tag, int offset, int bytes) {
    assert count < slots.length : "more R2Ts than there can be";
    int tail = (head + count) % slots.length;
    slots[tail] = slot;
    tags[tail] = tag;
    offsets[tail] = offset;
    lefts[tail] = bytes;
    count++;
  }

  /** Of the first: the command's slot. */
  int slot() {
    return slots[head];
  }

  int tag() {
    return tags[head];
  }

  /** Of the first: where in the command's data that begins which is not on its way. */
  int offset() {
    return offsets[head];
  }

  int left() {
    return lefts[head];
  }

  /** So much of the first is on its way; with the last of it the next one is the first. */
  void advance(int bytes) {
    offsets[head] += bytes;
    lefts[head] -= bytes;
    if (lefts[head] == 0) {
      head = (head + 1) % slots.length;
      count--;
    }
  }
}
