package sluice.virtual.command;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;
import sluice.nvme.spec.AsyncEvent;
import sluice.nvme.spec.LogPage;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.support.linux.LinuxException;
import sluice.virtual.media.Backend;
import sluice.virtual.pci.DeviceSubmissionQueue;
import sluice.virtual.pci.DmaWindow;
import sluice.virtual.pci.Doorbells;
import sluice.virtual.pci.QueueTable;
import sluice.virtual.pci.VirtualDrive;
import sluice.virtual.personality.Faults;
import sluice.virtual.personality.Timing;

/**
 * Takes commands from the submission queues, executes them, and posts their completions, at once or
 * when their time has come. Used in the drive's turns.
 */
public final class CommandLoop {
  /** How many entries of one queue a turn takes before the next queue has its share. */
  private static final int BURST = 64;

  /** How much data of one queue a turn moves before that, but for its last command. */
  private static final long BURST_BYTES = 1 << 20;

  /** How much data a turn moves; queues that had no share then begin the next one. */
  private static final long TURN_BYTES = 8 << 20;

  /** A queue with so much data has its interrupt at once, and not at the turn's end. */
  private static final long RAISE_BYTES = 128 << 10;

  private static final int PENDING_COMMANDS = 8192;
  private static final long NEVER = Long.MAX_VALUE;
  private static final long LONGEST_FLUSH_PAUSE = 1_000_000;

  /** Slots that fetching leaves free, for events and the like. */
  private static final int RESERVED = 16;

  /** And for admin commands: a host whose commands are all stuck is to be able to abort them. */
  private static final int RESERVED_FOR_ADMIN = 64;

  private final QueueTable queues;
  private final Doorbells doorbells;
  private final Backend backend;
  private final AdminCommands adminCommands;
  private final IoCommands ioCommands;
  private final AsyncEvents events;
  private final ErrorLog errorLog;
  private final Reliability reliability;
  private final DriveStatistics statistics;
  private final LongSupplier clock;
  private final Timing timing;
  private final PendingCommands pending = new PendingCommands(PENDING_COMMANDS);
  private final PendingCommands.Poster poster = this::post;
  private final AsyncEvents.Teller teller = this::tell;
  private final PendingCommands.FlushFailures flushFailures = this::flushFailed;

  /** A copy of the first of two fused commands, while the second is taken. */
  private final MemorySegment firstHalf = Arena.ofAuto().allocate(SubmissionEntry.BYTES, 64);

  private boolean isFaulted;

  /** The first in {@link QueueTable#active} to have its share of the next turn. */
  private int nextQueue;

  /** What the queue looked at last has moved in this turn. */
  private long burstBytes;

  /** Since when a flush is waited for. */
  private long flushingSince;

  /** Null until somebody asks for them. */
  private volatile CommandStamps stamps;

  /**
   * @param timing when commands complete; null for at once
   */
  public CommandLoop(
      VirtualDrive drive,
      Backend backend,
      Faults faults,
      DriveStatistics statistics,
      Timing timing,
      LongSupplier clock) {
    this.queues = drive.queues();
    this.doorbells = drive.doorbells();
    this.backend = backend;
    this.events = drive.events();
    this.errorLog = drive.errorLog();
    this.reliability = drive.reliability();
    this.statistics = statistics;
    this.timing = timing;
    this.clock = clock;
    this.adminCommands = new AdminCommands(drive, this);
    this.ioCommands = new IoCommands(drive, backend, faults, statistics);
  }

  /** The controller begins. */
  public void start(int pageSize) {
    adminCommands.pageSize(pageSize);
    ioCommands.pageSize(pageSize);
    isFaulted = false;
  }

  /** Forgets all commands: the controller was reset. */
  public void clear() {
    pending.clear();
  }

  /** Whether a queue's memory was not there, since the start: nothing goes on. */
  public boolean isFaulted() {
    return isFaulted;
  }

  /** Whether the drive makes a pause: no command completes. */
  public boolean isPaused(long now) {
    return timing != null && timing.isPaused(now);
  }

  /** Posts what has become due; returns how much. */
  public int completePending(long now) {
    if (pending.isEmpty()) {
      return 0;
    }
    if (pending.isFlushing()) {
      // The failure after the ticket: it is set before.
      long flushed = backend.flushed();
      pending.flushed(flushed, flushStatus(), flushFailures);
    }
    return pending.complete(now, poster);
  }

  /** How long no command that was taken completes by itself. */
  public long nanosToNextEvent(long now) {
    long flush = pending.isFlushing() ? flushPause(clock.getAsLong() - flushingSince) : NEVER;
    long due = pending.nextDue();
    if (due == PendingCommands.NEVER) {
      return flush;
    }
    return due <= now ? 0 : Math.min(flush, due - now);
  }

  /**
   * How long to leave a flush alone that has taken some time already: it is seen late by a small
   * part of that, and looked for seldom if the disk is slow.
   */
  public static long flushPause(long waited) {
    return Math.clamp(waited / 8, 0, LONGEST_FLUSH_PAUSE);
  }

  /** Takes and executes what waits, a share of each queue; returns how much. */
  public int takeCommands(long now) {
    int work = adminTurn() + ioTurns(now);
    work += events.tell(teller);
    if (work == 0 && doorbells.watch(queues.doorbellUsed())) {
      raiseError(AsyncEvent.ERROR_INVALID_DOORBELL_REGISTER);
    }
    return work;
  }

  private int ioTurns(long now) {
    int work = 0;
    int count = queues.activeCount();
    int at = nextQueue < count ? nextQueue : 0;
    long bytes = 0;
    nextQueue = 0;
    for (int i = 0; i < count && !isFaulted; i++) {
      work += ioTurn(queues.active(at), now);
      at = at + 1 == count ? 0 : at + 1;
      if (burstBytes >= RAISE_BYTES) {
        queues.raisedVectors().raise();
      }
      bytes += burstBytes;
      if (bytes >= TURN_BYTES) {
        nextQueue = at;
        break;
      }
    }
    return work;
  }

  /** The status of commands whose flush has ended. */
  private int flushStatus() {
    RuntimeException failure = backend.flushFailure();
    if (failure == null) {
      return 0;
    }
    boolean isFull = failure instanceof LinuxException e && IoCommands.isFull(e);
    if (reliability.degrade() && !isFull) {
      statistics.mediaErrors++;
    }
    // Not to be tried again: a failure stays, for what it lost does not come back.
    return (isFull ? StatusCode.CAPACITY_EXCEEDED : StatusCode.WRITE_FAULT).statusDnr();
  }

  private void flushFailed(int sqId, int commandId, int nsid, long lba) {
    errorLog.add(sqId, commandId, flushStatus(), lba, nsid);
  }

  private int adminTurn() {
    DeviceSubmissionQueue queue = queues.admin();
    int count = countToTake(queue);
    for (int i = 0; i < count; i++) {
      if (i > 0 && queue.completions().room(1) == 0) {
        // The commands before have completed others besides.
        return i;
      }
      long entry = queue.take();
      if (entry == DmaWindow.FAULT) {
        isFaulted = true;
        return i;
      }
      int commandId = SubmissionEntry.commandId(entry);
      int nsid = SubmissionEntry.nsid(entry);
      int status =
          isOut(0, commandId)
              ? adminCommands.refuse(StatusCode.COMMAND_ID_CONFLICT.statusDnr())
              : adminCommands.execute(entry);
      if (status == AdminCommands.PENDING) {
        continue;
      }
      if (status == 0 && adminCommands.needsFlush()) {
        long ticket = backend.requestFlush(0, backend.size());
        if (ticket > backend.flushed()) {
          awaitFlush(0, commandId, ticket, PendingCommands.NOW, nsid);
          continue;
        }
        status = flushStatus();
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
  public synchronized CommandStamps stamps() {
    if (stamps == null) {
      stamps = new CommandStamps();
    }
    return stamps;
  }

  private int ioTurn(DeviceSubmissionQueue queue, long now) {
    burstBytes = 0;
    int count = countToTake(queue);
    CommandStamps stamps = count == 0 ? null : this.stamps;
    int taken = 0;
    while (taken < count && burstBytes < BURST_BYTES) {
      long entry = queue.take();
      if (entry == DmaWindow.FAULT) {
        isFaulted = true;
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
        complete(queue, entry, status, now, true);
      } else {
        taken += fused(queue, entry, now);
      }
      burstBytes += ioCommands.moved();
    }
    return taken;
  }

  private int execute(DeviceSubmissionQueue queue, long entry) {
    return isOut(queue.id(), SubmissionEntry.commandId(entry))
        ? ioCommands.refuse(StatusCode.COMMAND_ID_CONFLICT.statusDnr())
        : ioCommands.execute(entry);
  }

  /** Whether a command of this identifier was taken before, and has not completed. */
  private boolean isOut(int sqId, int commandId) {
    return (!pending.isEmpty() && pending.contains(sqId, commandId))
        || (sqId == 0 && events.isRequest(commandId));
  }

  /**
   * Compare and Write, fused (section 4.12): both in one go, with nothing between, the write only
   * if the blocks are as they should be.
   *
   * @param entry the first of them, or what should have been the second of some other
   * @return how many entries it took besides
   */
  private int fused(DeviceSubmissionQueue queue, long entry, long now) {
    int fuse = SubmissionEntry.fuse(entry);
    if (fuse != SubmissionEntry.FUSE_FIRST) {
      StatusCode code =
          fuse == SubmissionEntry.FUSE_SECOND
              ? StatusCode.ABORTED_MISSING_FUSED
              : StatusCode.INVALID_FIELD;
      complete(queue, entry, ioCommands.refuse(code.statusDnr()), now, true);
      return 0;
    }
    long first = firstHalf.address();
    SubmissionEntry.copy(entry, first);
    long second = takeSecond(queue);
    if (second == DmaWindow.FAULT) {
      int missing = ioCommands.refuse(StatusCode.ABORTED_MISSING_FUSED.statusDnr());
      complete(queue, first, missing, now, true);
      return 0;
    }
    if (!IoCommands.areFused(first, second)) {
      int invalid = StatusCode.INVALID_FIELD.statusDnr();
      complete(queue, first, ioCommands.refuse(invalid), now, true);
      complete(queue, second, ioCommands.refuse(invalid), now, false);
      return 1;
    }
    int status = execute(queue, first);
    complete(queue, first, status, now, true);
    status =
        status == 0
            ? execute(queue, second)
            : ioCommands.refuse(StatusCode.ABORTED_FAILED_FUSED.status());
    complete(queue, second, status, now, false);
    return 1;
  }

  /**
   * Takes the entry behind the first of a fused pair.
   *
   * @return {@link DmaWindow#FAULT} if it is not there yet, or belongs to nothing
   */
  private long takeSecond(DeviceSubmissionQueue queue) {
    int available = queue.available();
    if (available <= 0) {
      nothingToTake(queue, available);
      return DmaWindow.FAULT;
    }
    long second = queue.take();
    if (second == DmaWindow.FAULT) {
      isFaulted = true;
    } else if (SubmissionEntry.fuse(second) != SubmissionEntry.FUSE_SECOND) {
      queue.putBack();
      return DmaWindow.FAULT;
    }
    return second;
  }

  /**
   * @param hasRoom whether there is known to be room for the completion
   */
  private void complete(
      DeviceSubmissionQueue queue, long entry, int status, long now, boolean hasRoom) {
    int commandId = SubmissionEntry.commandId(entry);
    int nsid = SubmissionEntry.nsid(entry);
    long due = due(now);
    if (status == 0 && ioCommands.needsFlush()) {
      long ticket = ioCommands.requestFlush();
      if (ticket > backend.flushed()) {
        awaitFlush(queue.id(), commandId, ticket, due, nsid);
        return;
      }
      status = flushStatus();
    }
    if (status != 0) {
      errorLog.add(queue.id(), commandId, status, ioCommands.lba(), nsid);
    }
    if (due > now || !hasRoom) {
      pending.schedule(queue.id(), commandId, status, 0, due);
    } else {
      postNow(queue, 0, commandId, status);
    }
  }

  private void awaitFlush(int sqId, int commandId, long ticket, long due, int nsid) {
    if (!pending.isFlushing()) {
      flushingSince = clock.getAsLong();
    }
    pending.awaitFlush(sqId, commandId, ticket, due, nsid, sqId == 0 ? 0 : ioCommands.lba());
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

  /**
   * @param available as {@link DeviceSubmissionQueue#available} told it
   */
  private void nothingToTake(DeviceSubmissionQueue queue, int available) {
    // Also where the tail was no good already, which is told once.
    isFaulted |= queue.doorbell().isLost();
    if (available == DeviceSubmissionQueue.INVALID_TAIL) {
      raiseError(AsyncEvent.ERROR_INVALID_DOORBELL_VALUE);
    }
  }

  /** How many entries to take: as many as wait, and can complete. */
  private int countToTake(DeviceSubmissionQueue queue) {
    int available = queue.available();
    if (available <= 0) {
      nothingToTake(queue, available);
      return 0;
    }
    int reserved = queue.id() == 0 ? RESERVED : RESERVED + RESERVED_FOR_ADMIN;
    int wanted = Math.min(Math.min(available, BURST), pending.free() - reserved);
    int room = queue.completions().room(wanted);
    if (queue.completions().takeInvalidHead()) {
      isFaulted |= queue.completions().doorbell().isLost();
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
    pending.abandon(sqId, StatusCode.ABORTED_SQ_DELETION.status(), poster);
  }

  /**
   * Aborts a command, whose completion comes before that of the Abort if there is room for both.
   *
   * @return false if it is not here, or is too far to be aborted
   */
  boolean abort(int sqId, int commandId) {
    if (!(sqId == 0 && events.abort(commandId)) && !pending.takeOut(sqId, commandId)) {
      return false;
    }
    int status = StatusCode.ABORT_REQUESTED.status();
    DeviceSubmissionQueue queue = queues.submission(sqId);
    int needed = sqId == 0 ? 2 : 1;
    if (queue.completions().room(needed) >= needed) {
      postNow(queue, 0, commandId, status);
    } else {
      pending.schedule(sqId, commandId, status, 0, PendingCommands.NOW);
    }
    return true;
  }

  /** An error that is not a command's. */
  private void raiseError(int information) {
    errorLog.add(0xffff, 0xffff, StatusCode.INVALID_FIELD.status(), 0, 0);
    events.raise(AsyncEvent.TYPE_ERROR, information, LogPage.ERROR_INFORMATION);
  }
}
