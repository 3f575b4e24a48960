package sluice.virtual.command;

import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.virtual.media.Media;
import sluice.virtual.personality.Timing;

/**
 * What becomes of the command in the table's next slot, of a controller: most are answered at once
 * and never claim it, the others are the {@link Execution}'s from then on. Used in the drive's
 * turns.
 */
final class NextCommand {
  private final Controller controller;
  private final CommandTable table;
  private final Execution execution;
  private final Answers answers;
  private final IoCommands ioCommands;
  private final AsyncEvents events;
  private final Media media;
  private final Timing timing;

  NextCommand(Controller controller) {
    Subsystem subsystem = controller.subsystem();
    this.controller = controller;
    this.table = subsystem.table();
    this.execution = subsystem.execution();
    this.answers = execution.answers();
    this.ioCommands = subsystem.ioCommands();
    this.events = controller.events();
    this.media = subsystem.media();
    this.timing = subsystem.timing();
  }

  /** Whether a command of this identifier was taken before, and has not completed. */
  boolean isOut(HostQueue queue, int commandId) {
    return (!table.isEmpty() && table.find(queue, commandId) != CommandTable.NONE)
        || (queue.id() == 0 && events.isRequest(commandId));
  }

  /** Goes on with what {@link IoCommands} said of the command in the next slot. */
  void complete(HostQueue queue, int slot, int status, long now) {
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
  void end(HostQueue queue, int slot, int status, long due, long now) {
    long entry = table.entry(slot);
    int commandId = SubmissionEntry.commandId(entry);
    if (status != 0) {
      controller
          .errorLog()
          .add(queue.id(), commandId, status, ioCommands.lba(), SubmissionEntry.nsid(entry));
    }
    if (due > now) {
      answers.holdLater(execution.claim(queue, commandId, due), status, 0);
    } else {
      answer(queue, commandId, status, 0);
    }
  }

  void answer(HostQueue queue, int commandId, int status, int result) {
    controller.loop().stampPosted(queue);
    if (!queue.answer(commandId, status, result)) {
      answers.hold(execution.claim(queue, commandId, CommandTable.NOW), status, result);
    }
  }

  /** A flush of a command has ended. */
  void flushed(int status) {
    if (status != 0) {
      controller.subsystem().flushFailed(status);
    }
  }

  /** When a command that is done now is answered. */
  long due(long now) {
    if (ioCommands.isStuck()) {
      return CommandTable.NEVER;
    }
    return timing == null
        ? CommandTable.NOW
        : timing.due(now, ioCommands.bytes(), ioCommands.isWrite());
  }

  /** The command in the next slot is not one to be done. */
  void refuse(HostQueue queue, int slot, StatusCode code, long now) {
    int status = ioCommands.refuse(code.statusDnr());
    end(queue, slot, status, due(now), now);
  }
}
