package sluice.virtual.tcp;

import sluice.virtual.command.HostData;

/**
 * Commands of a controller whose data has come that was asked for, until the engine is told. Used
 * in the target's turns; allocates nothing.
 */
final class Finished {
  private final int[] slots;
  private final int[] statuses;
  private int count;

  /**
   * @param capacity how many commands can ask for data at the same time
   */
  Finished(int capacity) {
    slots = new int[capacity];
    statuses = new int[capacity];
  }

  void add(int slot, int status) {
    slots[count] = slot;
    statuses[count] = status;
    count++;
  }

  /** Nobody wants to know of a slot any more. */
  void remove(int slot) {
    for (int i = 0; i < count; i++) {
      if (slots[i] == slot) {
        count--;
        slots[i] = slots[count];
        statuses[i] = statuses[count];
        return;
      }
    }
  }

  /** Tells of all; returns how many there were. */
  int tell(HostData.Moved moved) {
    int told = 0;
    while (count > 0) {
      count--;
      told++;
      moved.moved(slots[count], statuses[count]);
    }
    return told;
  }
}
