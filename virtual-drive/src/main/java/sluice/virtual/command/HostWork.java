package sluice.virtual.command;

/**
 * What the host does for commands: gives their data, and takes it, in its time; and the buffers
 * that the data is in meanwhile, the drive's own. Used in the drive's turns; allocates nothing but
 * buffers.
 */
final class HostWork {
  /** Who goes on with a command. */
  interface Next {
    /** Its data is in its buffer, or cannot be had. */
    void fetched(int slot, int status);

    /** The host has its data, or cannot have it. */
    void delivered(int slot, int status);
  }

  private final CommandTable table;
  private final Operations work;
  private final Next next;
  private final BufferPool buffers = new BufferPool();
  private final HostData.Moved movedData = this::moved;

  HostWork(CommandTable table, Operations work, Next next) {
    this.table = table;
    this.work = work;
    this.next = next;
  }

  BufferPool buffers() {
    return buffers;
  }

  /**
   * Takes a buffer for a command.
   *
   * @return false if there is no memory for it
   */
  boolean takeBuffer(int slot, long bytes) {
    try {
      work.memory[slot] = buffers.take(bytes);
    } catch (OutOfMemoryError e) {
      return false;
    }
    work.memoryBytes[slot] = bytes;
    table.shares[slot].addBytes(BufferPool.held(bytes));
    return true;
  }

  /** Gives a command's buffer back, if it has one. */
  void giveBuffer(int slot) {
    if (work.memoryBytes[slot] > 0) {
      buffers.give(work.memory[slot], work.memoryBytes[slot]);
      table.shares[slot].removeBytes(BufferPool.held(work.memoryBytes[slot]));
      work.memoryBytes[slot] = 0;
    }
  }

  /** Whether data of some command is on its way here. */
  boolean isFetching() {
    for (int slot = 0; slot < table.capacity(); slot++) {
      if (table.states[slot] == CommandTable.FETCHING) {
        return true;
      }
    }
    return false;
  }

  /** Fetches data into a command's buffer. */
  void fetch(int slot, long length) {
    table.states[slot] = CommandTable.FETCHING;
    int status =
        table.queues[slot].data().fetch(slot, table.entry(slot), work.memory[slot], length);
    if (status != HostData.LATER) {
      next.fetched(slot, status);
    }
  }

  /** Delivers what is in a command's buffer. */
  void deliver(int slot) {
    table.states[slot] = CommandTable.DELIVERING;
    int status =
        table
            .queues[slot]
            .data()
            .deliver(slot, table.entry(slot), work.memory[slot], work.lengths[slot]);
    if (status != HostData.LATER) {
      next.delivered(slot, status);
    }
  }

  /** A command's data is not to be moved any more, if it is just now. */
  void forget(int slot) {
    byte state = table.states[slot];
    if (state == CommandTable.FETCHING || state == CommandTable.DELIVERING) {
      table.queues[slot].data().forget(slot);
    }
  }

  /** Goes on with what a host has sent or taken. */
  int poll(HostData data) {
    return data.poll(movedData);
  }

  private void moved(int slot, int status) {
    if (table.states[slot] == CommandTable.FETCHING) {
      next.fetched(slot, status);
    } else {
      assert table.states[slot] == CommandTable.DELIVERING : "slot " + slot;
      next.delivered(slot, status);
    }
  }
}
