package sluice.virtual.command;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.nvme.spec.AsyncEvent;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.virtual.media.Media;
import sluice.virtual.personality.Timing;

/**
 * Takes commands from a controller's queues, a share of each, and begins them: most are answered
 * here at once, the others are the {@link Execution}'s from then on. Used in the drive's turns.
 */
final class CommandLoop {
  /** How many entries of one queue a turn takes before the next queue has its share. */
  private static final int BURST = 64;

  /** How much data of one queue a turn moves before that, but for its last command. */
  private static final long BURST_BYTES = 1 << 20;

  /** How much data a turn moves; queues that had no share then begin the next one. */
  private static final long TURN_BYTES = 8 << 20;

  /** A queue with so much data has its interrupt at once, and not at the turn's end. */
  private static final long RAISE_BYTES = 128 << 10;

  private static final long LONGEST_PAUSE = 1_000_000;

  /** Slots that taking leaves free, for events and the like. */
  private static final int RESERVED = 16;

  /** And for admin commands: a host whose commands are all stuck is to be able to abort them. */
  private static final int RESERVED_FOR_ADMIN = 64;

  private final Controller controller;
  private final ControllerQueues queues;
  private final CommandTable table;
  private final Execution execution;
  private final IoCommands ioCommands;
  private final AsyncEvents events;
  private final Media media;
  private final Timing timing;
  private final AsyncEvents.Teller teller = this::tell;

  /** A copy of the first of two fused commands, while the second is taken. */
  private final MemorySegment firstHalf =
      Arena.ofAuto().allocate(SubmissionEntry.BYTES, SubmissionEntry.BYTES);

  /** The first of the active queues to have its share of the next turn. */
  private int nextQueue;

  /** What the queue looked at last has moved in this turn. */
  private long burstBytes;

  /** Null until somebody asks for them. */
  private volatile CommandStamps stamps;

  CommandLoop(Controller controller) {
    Subsystem subsystem = controller.subsystem();
    this.controller = controller;
    this.queues = controller.queues();
    this.table = subsystem.table();
    this.execution = subsystem.execution();
    this.ioCommands = subsystem.ioCommands();
    this.events = controller.events();
    this.media = subsystem.media();
    this.timing = subsystem.timing();
  }

  /**
   * How long to leave the media alone that has taken some time already: its end is seen late by a
   * small part of that, and looked for seldom if the disk is slow.
   */
  static long pause(long waited) {
    return Math.clamp(waited / 8, 0, LONGEST_PAUSE);
  }

  /** The times of I/O commands, taken from now on. */
  synchronized CommandStamps stamps() {
    if (stamps == null) {
      stamps = new CommandStamps();
    }
    return stamps;
  }

  /** Takes and begins what waits, a share of each queue; returns how much. */
  int takeCommands(long now) {
    int work = adminTurn() + ioTurns(now);
    work += events.tell(teller);
    if (work == 0 && queues.isStrayWrite()) {
      controller.raiseError(AsyncEvent.ERROR_INVALID_DOORBELL_REGISTER);
    }
    return work;
  }

  private int ioTurns(long now) {
    int work = 0;
    int count = queues.activeCount();
    int at = nextQueue < count ? nextQueue : 0;
    long bytes = 0;
    nextQueue = 0;
    for (int i = 0; i < count && !controller.isFaulted(); i++) {
      work += ioTurn(queues.active(at), now);
      at = at + 1 == count ? 0 : at + 1;
      if (burstBytes >= RAISE_BYTES) {
        queues.raise();
      }
      bytes += burstBytes;
      if (bytes >= TURN_BYTES || !hasRoom()) {
        nextQueue = at;
        break;
      }
    }
    return work;
  }

  /** Whether there is a slot for a command, and a buffer. */
  private boolean hasRoom() {
    return table.free() > RESERVED + RESERVED_FOR_ADMIN && execution.hasRoom();
  }

  /** How many entries to take: as many as wait, and can complete. */
  private int countToTake(HostQueue queue, int reserved) {
    int count = queue.available(Math.min(BURST, table.free() - reserved));
    if (queue.hasTrouble()) {
      trouble(queue);
    }
    return count;
  }

  private void trouble(HostQueue queue) {
    if (queue.takeTrouble()) {
      controller.raiseError(AsyncEvent.ERROR_INVALID_DOORBELL_VALUE);
    }
    if (queue.isBroken()) {
      controller.fault();
    }
  }

  // ---- admin commands

  private int adminTurn() {
    HostQueue queue = queues.admin();
    int count = countToTake(queue, RESERVED);
    for (int i = 0; i < count; i++) {
      if (i > 0 && queue.room(1) == 0) {
        // The commands before have completed others besides.
        return i;
      }
      int slot = table.next();
      long entry = table.entry(slot);
      if (!queue.take(entry)) {
        controller.fault();
        return i;
      }
      adminCommand(queue, slot, entry);
      if (controller.isFaulted()) {
        return i;
      }
    }
    return count;
  }

  private void adminCommand(HostQueue queue, int slot, long entry) {
    AdminCommands commands = controller.adminCommands();
    int commandId = SubmissionEntry.commandId(entry);
    int status =
        isOut(queue, commandId)
            ? commands.refuse(StatusCode.COMMAND_ID_CONFLICT.statusDnr())
            : commands.execute(slot, queue);
    if (status < 0) {
      return;
    }
    if (status == 0 && commands.needsFlush()) {
      status = media.flush(0, media.size(), slot);
      if (status == Media.LATER) {
        execution.synchronizing(execution.claim(queue, commandId, CommandTable.NOW));
        return;
      }
      flushed(status);
    }
    if (status != 0) {
      controller.errorLog().add(0, commandId, status, 0, SubmissionEntry.nsid(entry));
    }
    answer(queue, commandId, status, commands.result());
  }

  private void flushed(int status) {
    if (status != 0) {
      controller.subsystem().flushFailed(status);
    }
  }

  private void tell(int commandId, int event) {
    int slot = execution.claim(queues.admin(), commandId, CommandTable.NOW);
    execution.hold(slot, 0, event);
  }

  // ---- I/O commands

  private int ioTurn(HostQueue queue, long now) {
    burstBytes = 0;
    int count = countToTake(queue, RESERVED + RESERVED_FOR_ADMIN);
    CommandStamps stamps = count == 0 ? null : this.stamps;
    int taken = 0;
    while (taken < count && burstBytes < BURST_BYTES && execution.hasRoom()) {
      int slot = table.next();
      long entry = table.entry(slot);
      if (!queue.take(entry)) {
        controller.fault();
        return taken;
      }
      taken++;
      if (stamps != null) {
        stamps.fetched();
      }
      if (SubmissionEntry.fuse(entry) == SubmissionEntry.FUSE_NONE) {
        int status = execute(queue, entry);
        if (stamps != null) {
          stamps.moved();
        }
        complete(queue, slot, status, now);
      } else {
        int besides = fused(queue, slot, now);
        if (besides < 0) {
          return taken - 1;
        }
        taken += besides;
      }
      burstBytes += ioCommands.moved();
      if (queue.isBroken()) {
        controller.fault();
        return taken;
      }
    }
    return taken;
  }

  private int execute(HostQueue queue, long entry) {
    return isOut(queue, SubmissionEntry.commandId(entry))
        ? ioCommands.refuse(StatusCode.COMMAND_ID_CONFLICT.statusDnr())
        : ioCommands.execute(queue, entry);
  }

  /** Whether a command of this identifier was taken before, and has not completed. */
  private boolean isOut(HostQueue queue, int commandId) {
    return (!table.isEmpty() && table.find(queue, commandId) != CommandTable.NONE)
        || (queue.id() == 0 && events.isRequest(commandId));
  }

  /** Goes on with what {@link IoCommands} said of the command in the next slot. */
  private void complete(HostQueue queue, int slot, int status, long now) {
    long due = due(now);
    int commandId = SubmissionEntry.commandId(table.entry(slot));
    if (status == IoCommands.PLANNED) {
      execution.begin(execution.claim(queue, commandId, due, ioCommands));
      return;
    }
    if (status == 0 && ioCommands.needsFlush()) {
      status = media.flush(ioCommands.flushOffset(), ioCommands.flushLength(), slot);
      if (status == Media.LATER) {
        execution.synchronizing(execution.claim(queue, commandId, due, ioCommands));
        return;
      }
      flushed(status);
    }
    end(queue, slot, status, due, now);
  }

  /** The command in the next slot is done. */
  private void end(HostQueue queue, int slot, int status, long due, long now) {
    long entry = table.entry(slot);
    int commandId = SubmissionEntry.commandId(entry);
    if (status != 0) {
      controller
          .errorLog()
          .add(queue.id(), commandId, status, ioCommands.lba(), SubmissionEntry.nsid(entry));
    }
    if (due > now) {
      execution.holdLater(execution.claim(queue, commandId, due), status, 0);
    } else {
      answer(queue, commandId, status, 0);
    }
  }

  private void answer(HostQueue queue, int commandId, int status, int result) {
    stampPosted(queue);
    if (!queue.answer(commandId, status, result)) {
      execution.hold(execution.claim(queue, commandId, CommandTable.NOW), status, result);
    }
  }

  /** A command is answered. */
  void stampPosted(HostQueue queue) {
    CommandStamps stamps = this.stamps;
    if (stamps != null && queue.id() != 0) {
      stamps.posted();
    }
  }

  /** The media has done its part of an I/O command. */
  void stampMoved() {
    CommandStamps stamps = this.stamps;
    if (stamps != null) {
      stamps.moved();
    }
  }

  private long due(long now) {
    if (ioCommands.isStuck()) {
      return CommandTable.NEVER;
    }
    return timing == null
        ? CommandTable.NOW
        : timing.due(now, ioCommands.bytes(), ioCommands.isWrite());
  }

  /**
   * Compare and Write, fused (section 4.12): both in one go, with nothing between, the write only
   * if the blocks are as they should be.
   *
   * @param slot the next one, with the first of them, or what should have been the second of some
   *     other
   * @return how many entries it took besides; -1 if it took none, for the second is on its way
   */
  private int fused(HostQueue queue, int slot, long now) {
    int fuse = SubmissionEntry.fuse(table.entry(slot));
    if (fuse != SubmissionEntry.FUSE_FIRST) {
      StatusCode code =
          fuse == SubmissionEntry.FUSE_SECOND
              ? StatusCode.ABORTED_MISSING_FUSED
              : StatusCode.INVALID_FIELD;
      refuse(queue, slot, code, now);
      return 0;
    }
    if (queue.awaitNext(table.entry(slot))) {
      return -1;
    }
    // Into the place that the second one leaves: slots are taken from the top.
    SubmissionEntry.copy(table.entry(slot), firstHalf.address());
    if (!takeSecond(queue, table.entry(slot))) {
      SubmissionEntry.copy(firstHalf.address(), table.entry(slot));
      refuse(queue, slot, StatusCode.ABORTED_MISSING_FUSED, now);
      return 0;
    }
    boolean areFused = IoCommands.areFused(firstHalf.address(), table.entry(slot));
    fused(queue, areFused, now);
    return 1;
  }

  /**
   * @param areFused whether they are what fused commands can be
   */
  private void fused(HostQueue queue, boolean areFused, long now) {
    int second = table.next();
    int secondId = SubmissionEntry.commandId(table.entry(second));
    int secondSlot = execution.claim(queue, secondId, CommandTable.NOW);
    int firstSlot = table.next();
    SubmissionEntry.copy(firstHalf.address(), table.entry(firstSlot));
    int firstId = SubmissionEntry.commandId(firstHalf.address());
    if (!areFused) {
      refuse(queue, firstSlot, StatusCode.INVALID_FIELD, now);
      fail(secondSlot, StatusCode.INVALID_FIELD.statusDnr(), now);
      return;
    }
    int status = plan(queue, firstSlot, firstId, CommandTable.NONE);
    if (status != IoCommands.PLANNED) {
      end(queue, firstSlot, status, due(now), now);
      int _ = ioCommands.refuse(0);
      fail(secondSlot, StatusCode.ABORTED_FAILED_FUSED.status(), now);
      return;
    }
    int first = execution.claim(queue, firstId, due(now), ioCommands);
    long moved = ioCommands.moved();
    status = plan(queue, secondSlot, secondId, secondSlot);
    execution.plan(secondSlot, ioCommands, due(now), status);
    execution.beginFused(first, secondSlot);
    burstBytes += moved;
  }

  private int plan(HostQueue queue, int slot, int commandId, int own) {
    int out = table.isEmpty() ? CommandTable.NONE : table.find(queue, commandId);
    return out != CommandTable.NONE && out != own
        ? ioCommands.refuse(StatusCode.COMMAND_ID_CONFLICT.statusDnr())
        : ioCommands.plan(queue, table.entry(slot));
  }

  private void refuse(HostQueue queue, int slot, StatusCode code, long now) {
    int status = ioCommands.refuse(code.statusDnr());
    end(queue, slot, status, due(now), now);
  }

  /** Ends a command that has a slot and was not begun. */
  private void fail(int slot, int status, long now) {
    execution.fail(slot, status, due(now));
  }

  /**
   * Takes the entry behind the first of a fused pair.
   *
   * @return false if it is not there yet, or belongs to nothing
   */
  private boolean takeSecond(HostQueue queue, long entry) {
    int waiting = queue.waiting();
    if (queue.hasTrouble()) {
      trouble(queue);
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

  // ---- commands that are called off

  /**
   * Ends the commands of a queue that is deleted.
   *
   * @return whether none is left; else it is to be called again
   */
  boolean abandon(HostQueue queue) {
    return execution.abandon(queue, StatusCode.ABORTED_SQ_DELETION.status());
  }

  /**
   * Aborts a command, whose completion comes before that of the Abort if there is room for both.
   *
   * @return false if it is not here, or is too far to be aborted
   */
  boolean abort(HostQueue queue, int commandId) {
    if (!(queue.id() == 0 && events.abort(commandId)) && !execution.takeOut(queue, commandId)) {
      return false;
    }
    int status = StatusCode.ABORT_REQUESTED.status();
    int needed = queue.id() == 0 ? 2 : 1;
    if (queue.room(needed) >= needed) {
      answer(queue, commandId, status, 0);
    } else {
      execution.holdLater(execution.claim(queue, commandId, CommandTable.NOW), status, 0);
    }
    return true;
  }
}
