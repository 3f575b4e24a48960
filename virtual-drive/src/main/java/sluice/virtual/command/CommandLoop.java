package sluice.virtual.command;

import sluice.nvme.spec.AsyncEvent;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.virtual.media.Media;

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
  private final HostShare share;
  private final Answers answers;
  private final CallingOff callingOff;
  private final IoCommands ioCommands;
  private final NextCommand next;
  private final FusedCommands fused;
  private final AsyncEvents events;
  private final Media media;
  private final AsyncEvents.Teller teller = this::tell;

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
    this.share = controller.share();
    this.answers = execution.answers();
    this.callingOff = subsystem.callingOff();
    this.ioCommands = subsystem.ioCommands();
    this.events = controller.events();
    this.media = subsystem.media();
    this.next = new NextCommand(controller);
    this.fused = new FusedCommands(controller, next);
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
    return ioCommandsToBegin() > 0 && execution.hasRoom(share);
  }

  private int ioCommandsToBegin() {
    return share.commandsToBegin(table.free() - RESERVED - RESERVED_FOR_ADMIN);
  }

  /**
   * How many entries to take: as many as wait, and can complete.
   *
   * @param most for which there is a place
   */
  private int countToTake(HostQueue queue, int most) {
    int count = queue.available(Math.min(BURST, most));
    if (queue.hasTrouble()) {
      controller.trouble(queue);
    }
    return count;
  }

  // ---- admin commands

  private int adminTurn() {
    HostQueue queue = queues.admin();
    int count = countToTake(queue, table.free() - RESERVED);
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
        next.isOut(queue, commandId)
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
      next.flushed(status);
    }
    if (status != 0) {
      controller.errorLog().add(0, commandId, status, 0, SubmissionEntry.nsid(entry));
    }
    next.answer(queue, commandId, status, commands.result());
  }

  private void tell(int commandId, int event) {
    int slot = execution.claim(queues.admin(), commandId, CommandTable.NOW);
    answers.hold(slot, 0, event);
  }

  // ---- I/O commands

  private int ioTurn(HostQueue queue, long now) {
    burstBytes = 0;
    int count = countToTake(queue, ioCommandsToBegin());
    CommandStamps stamps = count == 0 ? null : this.stamps;
    int taken = 0;
    while (taken < count && burstBytes < BURST_BYTES && execution.hasRoom(share)) {
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
        next.complete(queue, slot, status, now);
      } else {
        int besides = fused.take(queue, slot, now);
        if (besides < 0) {
          return taken - 1;
        }
        taken += besides;
        burstBytes += fused.movedByFirst();
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
    return next.isOut(queue, SubmissionEntry.commandId(entry))
        ? ioCommands.refuse(StatusCode.COMMAND_ID_CONFLICT.statusDnr())
        : ioCommands.execute(queue, entry);
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

  // ---- commands that are called off

  /**
   * Ends the commands of a queue that is deleted.
   *
   * @return whether none is left; else it is to be called again
   */
  boolean abandon(HostQueue queue) {
    return callingOff.abandon(queue, StatusCode.ABORTED_SQ_DELETION.status());
  }

  /**
   * Aborts a command, whose completion comes before that of the Abort if there is room for both.
   *
   * @return false if it is not here, or is too far to be aborted
   */
  boolean abort(HostQueue queue, int commandId) {
    if (!(queue.id() == 0 && events.abort(commandId)) && !callingOff.takeOut(queue, commandId)) {
      return false;
    }
    int status = StatusCode.ABORT_REQUESTED.status();
    int needed = queue.id() == 0 ? 2 : 1;
    if (queue.room(needed) >= needed) {
      next.answer(queue, commandId, status, 0);
    } else {
      answers.holdLater(execution.claim(queue, commandId, CommandTable.NOW), status, 0);
    }
    return true;
  }
}
