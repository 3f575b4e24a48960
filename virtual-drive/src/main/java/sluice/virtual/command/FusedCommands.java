package sluice.virtual.command;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;

/**
 * Takes Compare and Write, fused (section 4.12): both in one go, with nothing between, the write
 * only if the blocks are as they should be. Used in the drive's turns.
 */
final class FusedCommands {
  private final Controller controller;
  private final CommandTable table;
  private final Execution execution;
  private final IoCommands ioCommands;
  private final NextCommand next;

  /** A copy of the first of two fused commands, while the second is taken. */
  private final MemorySegment firstHalf =
      Arena.ofAuto().allocate(SubmissionEntry.BYTES, SubmissionEntry.BYTES);

  private long movedByFirst;

  FusedCommands(Controller controller, NextCommand next) {
    Subsystem subsystem = controller.subsystem();
    this.controller = controller;
    this.table = subsystem.table();
    this.execution = subsystem.execution();
    this.ioCommands = subsystem.ioCommands();
    this.next = next;
  }

  /**
   * Goes on with a command that says it is one of two.
   *
   * @param slot the next one, with the first of them, or what should have been the second of some
   *     other
   * @return how many entries it took besides; -1 if it took none, for the second is on its way
   */
  int take(HostQueue queue, int slot, long now) {
    movedByFirst = 0;
    int fuse = SubmissionEntry.fuse(table.entry(slot));
    if (fuse != SubmissionEntry.FUSE_FIRST) {
      StatusCode code =
          fuse == SubmissionEntry.FUSE_SECOND
              ? StatusCode.ABORTED_MISSING_FUSED
              : StatusCode.INVALID_FIELD;
      next.refuse(queue, slot, code, now);
      return 0;
    }
    if (queue.awaitNext(table.entry(slot))) {
      return -1;
    }
    // Into the place that the second one leaves: slots are taken from the top.
    SubmissionEntry.copy(table.entry(slot), firstHalf.address());
    if (!takeSecond(queue, table.entry(slot))) {
      SubmissionEntry.copy(firstHalf.address(), table.entry(slot));
      next.refuse(queue, slot, StatusCode.ABORTED_MISSING_FUSED, now);
      return 0;
    }
    boolean areFused = IoCommands.areFused(firstHalf.address(), table.entry(slot));
    begin(queue, areFused, now);
    return 1;
  }

  /** How much data the first of the pair that was taken last moves, besides the second. */
  long movedByFirst() {
    return movedByFirst;
  }

  /**
   * @param areFused whether they are what fused commands can be
   */
  private void begin(HostQueue queue, boolean areFused, long now) {
    int second = table.next();
    int secondId = SubmissionEntry.commandId(table.entry(second));
    int secondSlot = execution.claim(queue, secondId, CommandTable.NOW);
    int firstSlot = table.next();
    SubmissionEntry.copy(firstHalf.address(), table.entry(firstSlot));
    int firstId = SubmissionEntry.commandId(firstHalf.address());
    if (!areFused) {
      next.refuse(queue, firstSlot, StatusCode.INVALID_FIELD, now);
      fail(secondSlot, StatusCode.INVALID_FIELD.statusDnr(), now);
      return;
    }
    int status = plan(queue, firstSlot, firstId, CommandTable.NONE);
    if (status != IoCommands.PLANNED) {
      next.end(queue, firstSlot, status, next.due(now), now);
      int _ = ioCommands.refuse(0);
      fail(secondSlot, StatusCode.ABORTED_FAILED_FUSED.status(), now);
      return;
    }
    int first = execution.claim(queue, firstId, next.due(now), ioCommands);
    movedByFirst = ioCommands.moved();
    status = plan(queue, secondSlot, secondId, secondSlot);
    execution.plan(secondSlot, ioCommands, next.due(now), status);
    execution.beginFused(first, secondSlot);
  }

  private int plan(HostQueue queue, int slot, int commandId, int own) {
    boolean isOut = !table.isEmpty() && table.findOther(queue, commandId, own) != CommandTable.NONE;
    return isOut
        ? ioCommands.refuse(StatusCode.COMMAND_ID_CONFLICT.statusDnr())
        : ioCommands.plan(queue, table.entry(slot));
  }

  /** Ends a command that has a slot and was not begun. */
  private void fail(int slot, int status, long now) {
    execution.fail(slot, status, next.due(now));
  }

  /**
   * Takes the entry behind the first of a fused pair.
   *
   * @return false if it is not there yet, or belongs to nothing
   */
  private boolean takeSecond(HostQueue queue, long entry) {
    int waiting = queue.waiting();
    if (queue.hasTrouble()) {
      controller.trouble(queue);
    }
    if (waiting <= 0) {
      return false;
    }
    if (!queue.take(entry)) {
      controller.fault();
      return false;
    }
    if (SubmissionEntry.fuse(entry) != SubmissionEntry.FUSE_SECOND) {
      queue.putBack();
      return false;
    }
    return true;
  }
}
