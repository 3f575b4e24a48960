package sluice.virtual;

import sluice.nvme.spec.AsyncEvent;
import sluice.nvme.spec.LogPage;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;

/**
 * Takes commands from the submission queues, executes them, and posts their completions, at once or
 * when their time has come. Used in the drive's turns.
 */
final class CommandLoop {
  /** How many entries of one queue a turn takes before the next queue has its share. */
  private static final int BURST = 64;

  private static final int PENDING_COMMANDS = 8192;

  /** Slots that fetching leaves free, for events and the like. */
  private static final int RESERVED = 16;

  private final QueueTable queues;
  private final Doorbells doorbells;
  private final Backend backend;
  private final AdminCommands adminCommands;
  private final IoCommands ioCommands;
  private final AsyncEvents events;
  private final ErrorLog errorLog;
  private final Timing timing;
  private final PendingCommands pending = new PendingCommands(PENDING_COMMANDS);
  private final PendingCommands.Poster poster = this::post;
  private final AsyncEvents.Teller teller = this::tell;
  private boolean isFaulted;

  /** Null until somebody asks for them. */
  private volatile CommandStamps stamps;

  /**
   * @param timing when commands complete; null for at once
   */
  CommandLoop(
      VirtualDrive drive,
      Backend backend,
      Faults faults,
      DriveStatistics statistics,
      Timing timing) {
    this.queues = drive.queues();
    this.doorbells = drive.doorbells();
    this.backend = backend;
    this.events = drive.events();
    this.errorLog = drive.errorLog();
    this.timing = timing;
    this.adminCommands = new AdminCommands(drive, this);
    this.ioCommands = new IoCommands(drive, backend, faults, statistics);
  }

  /** The controller begins. */
  void start(int pageSize) {
    adminCommands.pageSize(pageSize);
    ioCommands.pageSize(pageSize);
    isFaulted = false;
  }

  /** Forgets all commands: the controller was reset. */
  void clear() {
    pending.clear();
  }

  /** Whether a queue's memory was not there, since the start: nothing goes on. */
  boolean isFaulted() {
    return isFaulted;
  }

  /** Whether the drive makes a pause: no command completes. */
  boolean isPaused(long now) {
    return timing != null && timing.isPaused(now);
  }

  /** Posts what has become due; returns how much. */
  int completePending(long now) {
    if (pending.isEmpty()) {
      return 0;
    }
    if (pending.isFlushing()) {
      // The failure after the ticket: it is set before.
      long flushed = backend.flushed();
      pending.flushed(flushed, flushStatus());
    }
    return pending.complete(now, poster);
  }

  /** How long no command that was taken completes by itself. */
  long nanosToNextEvent(long now) {
    if (pending.isFlushing()) {
      return 0;
    }
    long due = pending.nextDue();
    if (due == PendingCommands.NEVER) {
      return Long.MAX_VALUE;
    }
    return due <= now ? 0 : due - now;
  }

  /** Takes and executes what waits, a share of each queue; returns how much. */
  int takeCommands(long now) {
    int work = adminTurn();
    for (int i = 0; i < queues.activeCount() && !isFaulted; i++) {
      work += ioTurn(queues.active(i), now);
    }
    work += events.tell(teller);
    if (work == 0 && doorbells.watch(queues.doorbellUsed())) {
      raiseError(AsyncEvent.ERROR_INVALID_DOORBELL_REGISTER);
    }
    return work;
  }

  /** The status of commands whose flush has ended. */
  private int flushStatus() {
    return backend.flushFailure() == null ? 0 : StatusCode.WRITE_FAULT.status();
  }

  private int adminTurn() {
    DeviceSubmissionQueue queue = queues.admin();
    int count = countToTake(queue);
    for (int i = 0; i < count; i++) {
      long entry = queue.take();
      if (entry == DmaWindow.FAULT) {
        isFaulted = true;
        return i;
      }
      int commandId = SubmissionEntry.commandId(entry);
      int nsid = SubmissionEntry.nsid(entry);
      int status = adminCommands.execute(entry);
      if (status == AdminCommands.PENDING) {
        continue;
      }
      if (status != 0) {
        errorLog.add(0, commandId, status, 0, nsid);
      }
      if (!queue.completions().post(adminCommands.result(), queue.head(), 0, commandId, status)) {
        isFaulted = true;
        return i;
      }
    }
    return count;
  }

  /** The times of I/O commands, taken from now on. */
  synchronized CommandStamps stamps() {
    if (stamps == null) {
      stamps = new CommandStamps();
    }
    return stamps;
  }

  private int ioTurn(DeviceSubmissionQueue queue, long now) {
    int count = countToTake(queue);
    CommandStamps stamps = count == 0 ? null : this.stamps;
    for (int i = 0; i < count; i++) {
      long entry = queue.take();
      if (entry == DmaWindow.FAULT) {
        isFaulted = true;
        return i;
      }
      if (stamps != null) {
        stamps.fetched();
      }
      int commandId = SubmissionEntry.commandId(entry);
      int nsid = SubmissionEntry.nsid(entry);
      int status = ioCommands.execute(entry);
      if (stamps != null) {
        stamps.moved();
      }
      if (status != 0) {
        errorLog.add(queue.id(), commandId, status, ioCommands.lba(), nsid);
      }
      complete(queue, commandId, status, now);
    }
    return count;
  }

  private void complete(DeviceSubmissionQueue queue, int commandId, int status, long now) {
    long due = due(now);
    if (status == 0 && ioCommands.needsFlush()) {
      long ticket = ioCommands.requestFlush();
      if (ticket > backend.flushed()) {
        pending.awaitFlush(queue.id(), commandId, ticket, due);
        return;
      }
      status = flushStatus();
    }
    if (due > now) {
      pending.schedule(queue.id(), commandId, status, 0, due);
    } else {
      postNow(queue, 0, commandId, status);
    }
  }

  private void postNow(DeviceSubmissionQueue queue, int result, int commandId, int status) {
    CommandStamps stamps = this.stamps;
    if (stamps != null && queue.id() != 0) {
      stamps.posted();
    }
    if (!queue.completions().post(result, queue.head(), queue.id(), commandId, status)) {
      isFaulted = true;
    }
  }

  private long due(long now) {
    if (ioCommands.isStuck()) {
      return PendingCommands.NEVER;
    }
    return timing == null
        ? PendingCommands.NOW
        : timing.due(now, ioCommands.bytes(), ioCommands.isWrite());
  }

  /** How many entries to take: as many as wait, and can complete. */
  private int countToTake(DeviceSubmissionQueue queue) {
    int available = queue.available();
    if (available <= 0) {
      if (available == DeviceSubmissionQueue.INVALID_TAIL) {
        raiseError(AsyncEvent.ERROR_INVALID_DOORBELL_VALUE);
      }
      return 0;
    }
    int wanted = Math.min(Math.min(available, BURST), pending.free() - RESERVED);
    int room = queue.completions().room(wanted);
    if (queue.completions().takeInvalidHead()) {
      raiseError(AsyncEvent.ERROR_INVALID_DOORBELL_VALUE);
    }
    return Math.max(0, Math.min(wanted, room));
  }

  /** Posts a command that waited. */
  private boolean post(int sqId, int commandId, int status, int result) {
    DeviceSubmissionQueue queue = queues.submission(sqId);
    if (queue.completions().room(1) == 0) {
      return false;
    }
    postNow(queue, result, commandId, status);
    return true;
  }

  private void tell(int commandId, int event) {
    pending.schedule(0, commandId, 0, event, PendingCommands.NOW);
  }

  /** Ends all commands of a queue that is deleted. */
  void abandon(int sqId) {
    pending.abortQueue(sqId, StatusCode.ABORTED_SQ_DELETION.status());
    pending.complete(PendingCommands.NOW, poster);
    pending.forgetQueue(sqId);
  }

  boolean abort(int sqId, int commandId) {
    int status = StatusCode.ABORT_REQUESTED.status();
    if (sqId == 0 && events.abort(commandId)) {
      pending.schedule(0, commandId, status, 0, PendingCommands.NOW);
      return true;
    }
    return pending.abort(sqId, commandId, status);
  }

  private void raiseError(int information) {
    events.raise(AsyncEvent.TYPE_ERROR, information, LogPage.ERROR_INFORMATION);
  }
}
