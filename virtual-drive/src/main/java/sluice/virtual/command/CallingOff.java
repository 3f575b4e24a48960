package sluice.virtual.command;

/** Ends commands that nobody waits for any more, from outside. Used in the drive's turns. */
final class CallingOff {
  private final CommandTable table;
  private final Execution execution;

  /** By slot. */
  private final boolean[] isMeant;

  CallingOff(CommandTable table, Execution execution) {
    this.table = table;
    this.execution = execution;
    isMeant = new boolean[table.capacity()];
  }

  /** Takes a command out that is to be aborted; false if it is too far. */
  boolean takeOut(HostQueue queue, int commandId) {
    int slot = table.find(queue, commandId);
    if (slot == CommandTable.NONE || !execution.answers().takeOut(slot)) {
      return false;
    }
    table.release(slot);
    return true;
  }

  /**
   * Ends the commands of a queue that goes, and no others. One for whose answer there is no room in
   * the host's ring is forgotten; one whose answer cannot go out just now goes on.
   *
   * @param status of those that had none yet
   * @return whether none is left; else it is to be called again
   */
  boolean abandon(HostQueue queue, int status) {
    boolean isDone = true;
    for (int slot = 0; slot < table.capacity(); slot++) {
      boolean isOfQueue = table.isOf(slot, queue);
      isMeant[slot] = isOfQueue && (answerLast(queue, slot, status) || queue.room(1) <= 0);
      isDone &= isMeant[slot] == isOfQueue;
    }
    execution.callOff(isMeant);
    return isDone;
  }

  private boolean answerLast(HostQueue queue, int slot, int status) {
    boolean isReady = table.states[slot] == CommandTable.READY;
    return queue.answer(
        table.commandIds[slot], isReady ? table.statuses[slot] : status, table.results[slot]);
  }

  /** Forgets all commands of a controller, which was reset. */
  void abandon(Controller controller) {
    for (int slot = 0; slot < table.capacity(); slot++) {
      HostQueue queue = table.queues[slot];
      isMeant[slot] = queue != null && queue.controller() == controller;
    }
    execution.callOff(isMeant);
  }
}
