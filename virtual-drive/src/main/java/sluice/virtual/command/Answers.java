package sluice.virtual.command;

import sluice.queues.SubmissionEntry;

/**
 * Commands that are done: answered at once, or when their time has come, or when there is room.
 * Errors get into their controller's log as they are answered. Used in the drive's turns.
 */
final class Answers {
  private final CommandTable table;
  private final Operations work;
  private final HeldCommands held;
  private final HeldCommands.Attempt attempt = this::answer;

  Answers(CommandTable table, Operations work) {
    this.table = table;
    this.work = work;
    held = new HeldCommands(table);
  }

  /** Answers what can be answered by now; returns how much. */
  int poll(long now) {
    return held.isEmpty() ? 0 : held.answer(now, attempt);
  }

  /** When the next command is due; {@link CommandTable#NEVER} if none is by itself. */
  long nextDue() {
    return held.nextDue();
  }

  /** A command is done, and is answered when it is time. */
  void hold(int slot, int status, int result) {
    table.statuses[slot] = status;
    table.results[slot] = result;
    if (table.dues[slot] == CommandTable.NOW) {
      if (!answer(slot)) {
        held.addReady(slot);
      }
    } else {
      held.add(slot);
    }
  }

  /** A command is done whose queue is known to have no room just now, or whose time comes. */
  void holdLater(int slot, int status, int result) {
    table.statuses[slot] = status;
    table.results[slot] = result;
    held.add(slot);
  }

  /** A command has failed: the host finds it in the log. */
  void log(int slot, int status) {
    HostQueue queue = table.queues[slot];
    queue
        .controller()
        .errorLog()
        .add(
            queue.id(),
            table.commandIds[slot],
            status,
            work.lbas[slot],
            SubmissionEntry.nsid(table.entry(slot)));
  }

  private boolean answer(int slot) {
    HostQueue queue = table.queues[slot];
    queue.controller().loop().stampPosted(queue);
    if (!queue.answer(table.commandIds[slot], table.statuses[slot], table.results[slot])) {
      return false;
    }
    table.release(slot);
    return true;
  }

  /**
   * Takes a command out that waits for its time.
   *
   * @return false if it is not here, or its time has come
   */
  boolean takeOut(int slot) {
    return table.states[slot] == CommandTable.HELD
        && table.dues[slot] != CommandTable.NOW
        && held.remove(slot);
  }

  /** Commands are called off. */
  void drop(boolean[] which) {
    held.drop(which);
  }
}
