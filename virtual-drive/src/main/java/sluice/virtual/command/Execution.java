package sluice.virtual.command;

import sluice.nvme.spec.DatasetManagementRange;
import sluice.nvme.spec.StatusCode;
import sluice.support.memory.OffHeap;
import sluice.virtual.media.Media;

/**
 * Commands that are not done where they are taken, from step to step, whoever lets them wait. Used
 * in the drive's turns; allocates nothing.
 *
 * <pre>
 *   TAKEN ─▶ FETCHING ─▶ (WAITING) ─▶ MOVING ─▶ SYNCING ─▶ DELIVERING ─▶ HELD ─▶ answered
 *              host       others on    media      flush       host       time, room
 *                        its blocks
 * </pre>
 *
 * <p>A step that is done at once leads to the next one in the same call. Media works in buffers of
 * the drive's own. A command that nobody waits for any more (its queue was deleted, its controller
 * reset) is over for its host at once; what the media has of it ends, and until then holds its
 * buffer and its lock, so that it cannot land on what is written later.
 *
 * <p>Errors get into the log, and the media's into SMART, when a command ends.
 */
final class Execution implements HostWork.Next, MediaWork.Next {
  private final Subsystem subsystem;
  private final CommandTable table;
  private final Operations work;
  private final HostWork host;
  private final MediaWork media;
  private final Answers answers;
  private final FusedPairs pairs;

  Execution(Subsystem subsystem, CommandTable table) {
    this.subsystem = subsystem;
    this.table = table;
    work = new Operations(subsystem, table);
    host = new HostWork(table, work, this);
    media = new MediaWork(subsystem, table, work, this);
    answers = new Answers(table, work);
    pairs = new FusedPairs(table.capacity());
  }

  // ---- what there is

  /** Whether one more command of a host's can be taken, however much data it has. */
  boolean hasRoom(HostShare share) {
    return share.hasRoom(host.buffers().bytesOut());
  }

  /** Whether nothing that was taken can change the media any more, but flushes. */
  boolean isSettled() {
    return media.isQuiet() && !host.isFetching();
  }

  HostWork host() {
    return host;
  }

  MediaWork media() {
    return media;
  }

  Answers answers() {
    return answers;
  }

  /** Goes on with what others have done since; returns how much there was. */
  int poll(long now) {
    return media.poll() + answers.poll(now);
  }

  /** Goes on with what a host has sent or taken. */
  int poll(HostData data) {
    return host.poll(data);
  }

  /** How long no command that was taken gets on by itself, but for its host. */
  long nanosToNextEvent(long now) {
    long pause = media.nanosToNextLook();
    long due = answers.nextDue();
    if (due == CommandTable.NEVER) {
      return pause;
    }
    return due <= now ? 0 : Math.min(pause, due - now);
  }

  // ---- the beginning

  /** Claims the next slot for a command that is to be answered. */
  int claim(HostQueue queue, int commandId, long due) {
    int slot = table.claim(queue, commandId, due);
    work.clear(slot);
    return slot;
  }

  /** Claims the next slot for what I/O commands found that is to be done. */
  int claim(HostQueue queue, int commandId, long due, IoCommands plan) {
    int slot = claim(queue, commandId, due);
    work.set(slot, plan);
    return slot;
  }

  /**
   * Says what is to be done of a command that was claimed without it.
   *
   * @param status {@link IoCommands#PLANNED}, or with what it fails
   */
  void plan(int slot, IoCommands plan, long due, int status) {
    work.set(slot, plan);
    table.dues[slot] = due;
    table.statuses[slot] = Math.max(status, 0);
  }

  /** Ends a command that was not begun. */
  void fail(int slot, int status, long due) {
    table.dues[slot] = due;
    end(slot, status);
  }

  /** Begins with a command. */
  void begin(int slot) {
    long bytes = work.lengths[slot];
    switch (work.ops[slot]) {
      case Operations.READ -> {
        if (hasBuffer(slot, bytes)) {
          move(slot);
        }
      }
      case Operations.WRITE -> fetch(slot, bytes, bytes);
      case Operations.COMPARE -> fetch(slot, 2 * bytes, bytes);
      case Operations.DEALLOCATE -> {
        long length = (long) IoCommands.ranges(table.entry(slot)) * DatasetManagementRange.BYTES;
        fetch(slot, length, length);
      }
      case Operations.VERIFY -> {
        if (hasBuffer(slot, Math.min(bytes, Operations.VERIFY_BYTES))) {
          move(slot);
        }
      }
      case Operations.ZERO -> move(slot);
      default -> media.flush(slot);
    }
  }

  /**
   * Begins with two commands, the second of which is done only if the first one succeeds, and with
   * nothing between.
   */
  void beginFused(int first, int second) {
    pairs.join(first, second);
    begin(first);
    if (!pairs.isFirst(first)) {
      // It has failed already.
      return;
    }
    if (table.statuses[second] == HostData.DONE) {
      fetch(second, work.lengths[second], work.lengths[second]);
    } else {
      fetchedHalf(second);
    }
  }

  /** A flush of a command was begun: it waits for it. */
  void synchronizing(int slot) {
    table.states[slot] = CommandTable.SYNCING;
    media.began();
  }

  /** Sends drive memory to the data of an admin command, a copy of it. */
  void send(int slot, long from, long length, int result) {
    work.ops[slot] = Operations.ANSWER;
    work.lengths[slot] = length;
    table.results[slot] = result;
    if (hasBuffer(slot, length)) {
      OffHeap.copy(from, work.memory[slot], length);
      deliver(slot);
    }
  }

  /** Fetches the data of an admin command, which {@link AdminCommands#received} is given. */
  void receive(int slot, long length) {
    work.ops[slot] = Operations.RECEIVE;
    work.lengths[slot] = length;
    fetch(slot, length, length);
  }

  /** A flush of a controller's was begun with the next slot. */
  void flushing() {
    int slot = table.claim();
    work.memoryBytes[slot] = 0;
    synchronizing(slot);
  }

  /** Takes a buffer for a command, which ends if there is no memory for it. */
  private boolean hasBuffer(int slot, long bytes) {
    boolean has = host.takeBuffer(slot, bytes);
    if (!has) {
      end(slot, StatusCode.INTERNAL_ERROR.status());
    }
    return has;
  }

  // ---- from step to step

  private void fetch(int slot, long bufferBytes, long length) {
    if (hasBuffer(slot, bufferBytes)) {
      host.fetch(slot, length);
    }
  }

  @Override
  public void fetched(int slot, int status) {
    if (status != HostData.DONE) {
      table.statuses[slot] = status;
    }
    if (pairs.isHalf(slot)) {
      fetchedHalf(slot);
    } else if (status != HostData.DONE) {
      end(slot, status);
    } else if (work.ops[slot] == Operations.RECEIVE) {
      end(slot, table.queues[slot].controller().received(table.entry(slot), work.memory[slot]));
    } else {
      move(slot);
    }
  }

  /** The first half begins when both have their data. */
  private void fetchedHalf(int slot) {
    table.states[slot] = CommandTable.WAITING;
    boolean isFirst = pairs.isFirst(slot);
    int partner = pairs.partner(slot);
    if (isFirst && table.statuses[slot] != HostData.DONE) {
      end(slot, table.statuses[slot]);
    } else if (table.states[partner] == CommandTable.WAITING) {
      move(isFirst ? slot : partner);
    }
  }

  private void move(int slot) {
    if (work.ops[slot] == Operations.DEALLOCATE) {
      int status = work.checkRanges(slot);
      if (status != Media.DONE) {
        end(slot, status);
        return;
      }
    }
    media.begin(slot, writes(slot));
  }

  /** The other half writes, of a comparison. */
  private boolean writes(int slot) {
    return work.writes(slot) || pairs.isFirst(slot);
  }

  @Override
  public void moved(int slot, int status) {
    if (table.queues[slot] != null) {
      table.queues[slot].controller().loop().stampMoved();
    }
    if (pairs.isFirst(slot)) {
      movedFirst(slot, pairs.partner(slot), status);
      return;
    }
    media.unlock(slot);
    finish(slot, status == Media.DONE ? work.check(slot) : subsystem.mediaStatus(status));
  }

  private void movedFirst(int first, int second, int mediaStatus) {
    int status = mediaStatus == Media.DONE ? work.check(first) : subsystem.mediaStatus(mediaStatus);
    if (status == Media.DONE && table.statuses[second] == Media.DONE) {
      // The lock stays: nothing may come between the two.
      media.flush(first);
    } else {
      media.unlock(first);
      finish(first, status);
    }
  }

  /** The first half has succeeded, and holds the lock. */
  private void beginSecond(int first) {
    int second = pairs.part(first);
    media.handOver(first, second);
    try {
      deliver(first);
    } finally {
      // Though the memory of the answer may be gone: the lock is the second one's now.
      media.step(second);
    }
  }

  /** Goes on behind the media; the lock is given back. */
  private void finish(int slot, int status) {
    if (status == Media.DONE && table.queues[slot] != null) {
      media.flush(slot);
    } else {
      end(slot, status);
    }
  }

  @Override
  public void flushed(int slot, int status) {
    if (status != Media.DONE) {
      subsystem.flushFailed(status);
    }
    if (table.queues[slot] == null) {
      media.unlockIfLocked(slot);
      subsystem.flushed(slot, status);
      end(slot, status);
    } else if (status != Media.DONE) {
      media.unlockIfLocked(slot);
      end(slot, status);
    } else if (pairs.isFirst(slot) && table.statuses[pairs.partner(slot)] == Media.DONE) {
      beginSecond(slot);
    } else {
      deliver(slot);
    }
  }

  private void deliver(int slot) {
    if (work.ops[slot] == Operations.READ || work.ops[slot] == Operations.ANSWER) {
      host.deliver(slot);
    } else {
      end(slot, HostData.DONE);
    }
  }

  @Override
  public void delivered(int slot, int status) {
    end(slot, status);
  }

  /** A command is done, or over. */
  private void end(int slot, int status) {
    host.giveBuffer(slot);
    int second = pairs.part(slot);
    HostQueue queue = table.queues[slot];
    if (queue == null) {
      table.release(slot);
      return;
    }
    if (status != HostData.DONE) {
      answers.log(slot, status);
    }
    // Nobody else has it, should the memory of the answer be gone.
    table.states[slot] = CommandTable.TAKEN;
    answers.hold(slot, status, table.results[slot]);
    if (second != CommandTable.NONE) {
      endSecond(second, status);
    }
  }

  /** The first half is over before the second one was begun. */
  private void endSecond(int second, int statusOfFirst) {
    host.forget(second);
    int own = table.statuses[second];
    end(
        second,
        statusOfFirst == HostData.DONE && own != HostData.DONE
            ? own
            : StatusCode.ABORTED_FAILED_FUSED.status());
  }

  // ---- commands that are called off

  /**
   * Nobody waits for commands any more: ends them as far as the media lets it.
   *
   * @param which by slot; some of a queue, or all of a controller
   */
  void callOff(boolean[] which) {
    answers.drop(which);
    media.drop(which);
    for (int slot = 0; slot < table.capacity(); slot++) {
      if (which[slot]) {
        callOff(slot, which);
      }
    }
  }

  private void callOff(int slot, boolean[] which) {
    byte state = table.states[slot];
    host.forget(slot);
    table.orphan(slot);
    int second = pairs.part(slot);
    if (second != CommandTable.NONE && !which[second]) {
      // It is not to be done for itself.
      endSecond(second, HostData.DONE);
    }
    if (state != CommandTable.MOVING && state != CommandTable.SYNCING) {
      end(slot, HostData.DONE);
    }
  }
}
