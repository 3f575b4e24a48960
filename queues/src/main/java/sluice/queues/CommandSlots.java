package sluice.queues;

/**
 * The places for a queue's commands, each taken at most once: 0 to {@code count - 1}, so that they
 * index the arrays in which a queue keeps what it knows of its commands. And the identifiers by
 * which the device knows them:
 *
 * <pre>
 *  15                n n-1          0
 * | generation of slot |    slot     |     n: as many bits as the count has
 * </pre>
 *
 * <p>A slot's generation moves on each time it comes back, and the slot that came back first goes
 * out first: a device that completes a command twice, the second time late, names an identifier
 * that is out no more, and does not come back before all others and all generations have had their
 * turn. (Linux does the same since devices were seen to do that.) The identifier ffffh, which some
 * devices report as "none", is never used.
 *
 * <p>Used by one thread.
 */
public final class CommandSlots {
  /** Where all the 16 bits of an identifier are needed for slots, there are no generations. */
  private static final int MAX_COUNT = 0xffff;

  private final int count;
  private final int slotMask;

  /** All slots; those that are free begin at {@link #next}, in the order in which they came. */
  private final char[] free;

  /** Of a slot that is out its identifier; of one that is free the complement of its next one. */
  private final int[] identifiers;

  private int next;
  private int outstanding;

  /**
   * @param count 1 to 65535
   */
  public CommandSlots(int count) {
    if (count < 1 || count > MAX_COUNT) {
      throw new IllegalArgumentException("1 to 65535 command slots, not " + count);
    }
    this.count = count;
    // The slot of all ones is never reached.
    slotMask = (Integer.highestOneBit(count) << 1) - 1;
    free = new char[count];
    identifiers = new int[count];
    for (int i = 0; i < count; i++) {
      free[i] = (char) i;
      identifiers[i] = ~i;
    }
  }

  /** How many there are. */
  public int count() {
    return count;
  }

  /** How many are out. */
  public int outstanding() {
    return outstanding;
  }

  /**
   * Takes a slot.
   *
   * @return -1 when all are out
   */
  public int acquire() {
    if (outstanding == count) {
      return -1;
    }
    int slot = free[next];
    next = next + 1 == count ? 0 : next + 1;
    outstanding++;
    identifiers[slot] = ~identifiers[slot];
    return slot;
  }

  /** The identifier of the command in a slot that is out: 0 to 65534. */
  public int identifier(int slot) {
    assert identifiers[slot] >= 0 : "slot " + slot + " is not out";
    return identifiers[slot];
  }

  /** Whether a slot is out. */
  public boolean isOutstanding(int slot) {
    return slot < count && identifiers[slot] >= 0;
  }

  /**
   * The slot of the command that is out under an identifier.
   *
   * @param identifier as a device reports it: 0 to 65535
   * @return -1 if no command is: the device completes what it had completed before, or has lost its
   *     way
   */
  public int slotOf(int identifier) {
    int slot = identifier & slotMask;
    return slot < count && identifiers[slot] == identifier ? slot : -1;
  }

  /** Whether an identifier is one that could ever have gone out. */
  public boolean isKnown(int identifier) {
    return (identifier & slotMask) < count;
  }

  /** Gives a slot back. Its command must have completed, or can no longer complete. */
  public void release(int slot) {
    int identifier = identifiers[slot];
    assert identifier >= 0 : "slot " + slot + " is not out";
    identifiers[slot] = ~((identifier + slotMask + 1) & 0xffff);
    int last = next - outstanding;
    free[last < 0 ? last + count : last] = (char) slot;
    outstanding--;
  }

  /** Gives all slots back that are out: none of their commands can complete any more. */
  public void releaseAll() {
    for (int slot = 0; slot < count; slot++) {
      if (isOutstanding(slot)) {
        release(slot);
      }
    }
  }
}
