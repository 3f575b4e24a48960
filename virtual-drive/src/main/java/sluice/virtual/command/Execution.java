package sluice.virtual.command;

import sluice.nvme.spec.DatasetManagementRange;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
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
final class Execution {
  /** How much is in buffers before no more commands are taken. */
  private static final long MOST_BYTES = 16 << 20;

  private final Subsystem subsystem;
  private final CommandTable table;
  private final Media media;
  private final BlockLocks locks;
  private final HeldCommands held;
  private final Operations work;
  private final BufferPool buffers = new BufferPool();
  private final Media.Completions completions = this::completed;
  private final HostData.Moved movedData = this::dataMoved;
  private final HeldCommands.Answers answers = this::answer;

  /** How many commands the media works on, flushes included. */
  private int inMedia;

  private long mediaSince;

  // By slot.
  /** The other half of a fused pair, the first one's marked. */
  private final int[] partners;

  private final boolean[] isFirst;
  private final boolean[] isCalledOff;

  Execution(Subsystem subsystem, CommandTable table) {
    this.subsystem = subsystem;
    this.table = table;
    this.media = subsystem.media();
    int capacity = table.capacity();
    locks = new BlockLocks(capacity);
    held = new HeldCommands(table);
    work = new Operations(subsystem, table);
    partners = new int[capacity];
    isFirst = new boolean[capacity];
    isCalledOff = new boolean[capacity];
  }

  // ---- what there is

  /** Whether one more command can be taken, however much data it has. */
  boolean hasRoom() {
    return buffers.bytesOut() < MOST_BYTES;
  }

  /** Whether the media works on nothing, and nothing waits for it, but flushes. */
  boolean isQuiet() {
    return locks.isEmpty();
  }

  /** Whether nothing that was taken can change the media any more, but flushes. */
  boolean isSettled() {
    if (!isQuiet()) {
      return false;
    }
    for (int slot = 0; slot < table.capacity(); slot++) {
      if (table.states[slot] == CommandTable.FETCHING) {
        return false;
      }
    }
    return true;
  }

  /** Whether a command on some blocks can begin. */
  boolean isFree(long offset, long length, boolean writes) {
    return locks.isEmpty() || locks.isFree(offset, offset + length, writes);
  }

  BufferPool buffers() {
    return buffers;
  }

  /** Goes on with what others have done since; returns how much there was. */
  int poll(long now) {
    int work = 0;
    if (inMedia > 0) {
      int ended = media.poll(completions);
      if (ended > 0) {
        work += ended;
        mediaSince = subsystem.clock().getAsLong();
      }
    }
    beginWaiting();
    return work + (held.isEmpty() ? 0 : held.answer(now, answers));
  }

  /** Goes on with what a host has sent or taken. */
  int poll(HostData data) {
    return data.poll(movedData);
  }

  /** How long no command that was taken gets on by itself, but for its host. */
  long nanosToNextEvent(long now) {
    long pause =
        inMedia > 0
            ? CommandLoop.pause(subsystem.clock().getAsLong() - mediaSince)
            : CommandTable.NEVER;
    long due = held.nextDue();
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
    partners[slot] = CommandTable.NONE;
    isFirst[slot] = false;
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
      default -> synchronize(slot);
    }
  }

  /**
   * Begins with two commands, the second of which is done only if the first one succeeds, and with
   * nothing between.
   */
  void beginFused(int first, int second) {
    partners[first] = second;
    partners[second] = first;
    isFirst[first] = true;
    begin(first);
    if (partners[second] != first) {
      // The first one has failed already.
      return;
    }
    if (table.statuses[second] == HostData.DONE) {
      fetch(second, work.lengths[second], work.lengths[second]);
    } else {
      fetchedHalf(second, first);
    }
  }

  /** A flush of a command was begun: it waits for it. */
  void synchronizing(int slot) {
    table.states[slot] = CommandTable.SYNCING;
    beginMedia();
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
    partners[slot] = CommandTable.NONE;
    synchronizing(slot);
  }

  /** Takes a buffer for a command, which ends if there is no memory for it. */
  private boolean hasBuffer(int slot, long bytes) {
    try {
      work.memory[slot] = buffers.take(bytes);
    } catch (OutOfMemoryError e) {
      end(slot, StatusCode.INTERNAL_ERROR.status());
      return false;
    }
    work.memoryBytes[slot] = bytes;
    return true;
  }

  private void beginMedia() {
    if (inMedia++ == 0) {
      mediaSince = subsystem.clock().getAsLong();
    }
  }

  // ---- from step to step

  private void fetch(int slot, long bufferBytes, long length) {
    if (!hasBuffer(slot, bufferBytes)) {
      return;
    }
    table.states[slot] = CommandTable.FETCHING;
    int status =
        table.queues[slot].data().fetch(slot, table.entry(slot), work.memory[slot], length);
    if (status != HostData.LATER) {
      fetched(slot, status);
    }
  }

  private void dataMoved(int slot, int status) {
    if (table.states[slot] == CommandTable.FETCHING) {
      fetched(slot, status);
    } else {
      assert table.states[slot] == CommandTable.DELIVERING : "slot " + slot;
      end(slot, status);
    }
  }

  private void fetched(int slot, int status) {
    if (status != HostData.DONE) {
      table.statuses[slot] = status;
    }
    int partner = partners[slot];
    if (partner != CommandTable.NONE) {
      fetchedHalf(slot, partner);
    } else if (status != HostData.DONE) {
      end(slot, status);
    } else if (work.ops[slot] == Operations.RECEIVE) {
      end(slot, table.queues[slot].controller().received(table.entry(slot), work.memory[slot]));
    } else {
      move(slot);
    }
  }

  /** The first half begins when both have their data. */
  private void fetchedHalf(int slot, int partner) {
    table.states[slot] = CommandTable.WAITING;
    int first = isFirst[slot] ? slot : partner;
    if (table.statuses[first] != HostData.DONE && slot == first) {
      end(first, table.statuses[first]);
    } else if (table.states[partner] == CommandTable.WAITING) {
      move(first);
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
    long offset = work.offsets[slot];
    locks.describe(slot, offset, offset + work.lengths[slot], writes(slot));
    if (locks.lockOrWait(slot)) {
      step(slot);
    } else {
      table.states[slot] = CommandTable.WAITING;
    }
  }

  /** A comparison's other half writes. */
  private boolean writes(int slot) {
    return work.writes(slot) || (work.ops[slot] == Operations.COMPARE && isFirst[slot]);
  }

  /** Begins what waits and has nothing in its way any more, in order. */
  private void beginWaiting() {
    for (int at = locks.nextFree(0); at != CommandTable.NONE; at = locks.nextFree(at)) {
      step(locks.lock(at));
    }
  }

  /** Gives the media what comes next, until it is done or takes its time. */
  private void step(int slot) {
    table.states[slot] = CommandTable.MOVING;
    while (true) {
      if (work.done[slot] >= work.total(slot)) {
        moved(slot, Media.DONE);
        return;
      }
      int status = work.next(slot);
      if (status == Media.LATER) {
        beginMedia();
        return;
      }
      if (status != Media.DONE) {
        moved(slot, status);
        return;
      }
      work.done[slot] += work.pieces[slot];
    }
  }

  private void completed(int slot, int status) {
    inMedia--;
    if (table.states[slot] == CommandTable.SYNCING) {
      synchronizedTo(slot, status);
      return;
    }
    assert table.states[slot] == CommandTable.MOVING : "slot " + slot;
    if (status == Media.DONE && table.queues[slot] != null) {
      work.done[slot] += work.pieces[slot];
      step(slot);
    } else {
      moved(slot, status);
    }
  }

  /** The media has done its part. */
  private void moved(int slot, int status) {
    if (table.queues[slot] != null) {
      table.queues[slot].controller().loop().stampMoved();
    }
    int partner = partners[slot];
    if (partner != CommandTable.NONE && isFirst[slot]) {
      movedFirst(slot, partner, status);
      return;
    }
    locks.unlock(slot);
    finish(slot, status == Media.DONE ? work.check(slot) : subsystem.mediaStatus(status));
  }

  private void movedFirst(int first, int second, int mediaStatus) {
    int status = mediaStatus == Media.DONE ? work.check(first) : subsystem.mediaStatus(mediaStatus);
    if (status == Media.DONE && table.statuses[second] == Media.DONE) {
      // The lock stays: nothing may come between the two.
      synchronize(first);
    } else {
      locks.unlock(first);
      finish(first, status);
    }
  }

  /** The first half has succeeded, and holds the lock. */
  private void beginSecond(int first, int second) {
    partners[first] = CommandTable.NONE;
    partners[second] = CommandTable.NONE;
    locks.describe(second, work.offsets[second], work.offsets[second] + work.lengths[second], true);
    locks.replace(first, second);
    try {
      deliver(first);
    } finally {
      // Though the memory of the answer may be gone: the lock is the second one's now.
      step(second);
    }
  }

  /** Goes on behind the media; the lock is given back. */
  private void finish(int slot, int status) {
    if (status == Media.DONE && table.queues[slot] != null) {
      synchronize(slot);
    } else {
      end(slot, status);
    }
  }

  private void synchronize(int slot) {
    table.states[slot] = CommandTable.SYNCING;
    if (work.flushLengths[slot] == 0 && work.isToBeFlushed(slot)) {
      // The write cache was switched off since the command was taken.
      work.flushOffsets[slot] = work.offsets[slot];
      work.flushLengths[slot] = work.lengths[slot];
    }
    if (work.flushLengths[slot] == 0) {
      synchronizedWell(slot);
      return;
    }
    int status = media.flush(work.flushOffsets[slot], work.flushLengths[slot], slot);
    if (status == Media.LATER) {
      beginMedia();
    } else {
      synchronizedTo(slot, status);
    }
  }

  private void synchronizedTo(int slot, int status) {
    if (status != Media.DONE) {
      subsystem.flushFailed(status);
    }
    if (table.queues[slot] == null) {
      locks.unlockIfLocked(slot);
      subsystem.flushed(slot, status);
      end(slot, status);
    } else if (status != Media.DONE) {
      locks.unlockIfLocked(slot);
      end(slot, status);
    } else {
      synchronizedWell(slot);
    }
  }

  private void synchronizedWell(int slot) {
    int partner = partners[slot];
    if (partner != CommandTable.NONE && isFirst[slot] && table.statuses[partner] == Media.DONE) {
      beginSecond(slot, partner);
    } else {
      deliver(slot);
    }
  }

  private void deliver(int slot) {
    if (work.ops[slot] != Operations.READ && work.ops[slot] != Operations.ANSWER) {
      end(slot, HostData.DONE);
      return;
    }
    table.states[slot] = CommandTable.DELIVERING;
    int status =
        table
            .queues[slot]
            .data()
            .deliver(slot, table.entry(slot), work.memory[slot], work.lengths[slot]);
    if (status != HostData.LATER) {
      end(slot, status);
    }
  }

  /** A command is done, or over. */
  private void end(int slot, int status) {
    if (work.memoryBytes[slot] > 0) {
      buffers.give(work.memory[slot], work.memoryBytes[slot]);
      work.memoryBytes[slot] = 0;
    }
    int partner = partners[slot];
    boolean takesPartner = partner != CommandTable.NONE && isFirst[slot];
    if (partner != CommandTable.NONE) {
      partners[slot] = CommandTable.NONE;
      partners[partner] = CommandTable.NONE;
    }
    HostQueue queue = table.queues[slot];
    if (queue == null) {
      table.release(slot);
      return;
    }
    if (status != HostData.DONE) {
      log(slot, status);
    }
    // Nobody else has it, should the memory of the answer be gone.
    table.states[slot] = CommandTable.TAKEN;
    hold(slot, status, table.results[slot]);
    if (takesPartner) {
      endSecond(partner, status);
    }
  }

  /** The first half is over before the second one was begun. */
  private void endSecond(int second, int statusOfFirst) {
    if (table.states[second] == CommandTable.FETCHING) {
      table.queues[second].data().forget(second);
    }
    int own = table.statuses[second];
    end(
        second,
        statusOfFirst == HostData.DONE && own != HostData.DONE
            ? own
            : StatusCode.ABORTED_FAILED_FUSED.status());
  }

  private void log(int slot, int status) {
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

  // ---- commands that are called off

  /** Takes a command out that is to be aborted; false if it is too far. */
  boolean takeOut(HostQueue queue, int commandId) {
    int slot = table.find(queue, commandId);
    if (slot == CommandTable.NONE
        || table.states[slot] != CommandTable.HELD
        || table.dues[slot] == CommandTable.NOW
        || !held.remove(slot)) {
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
      boolean isMeant = table.isOf(slot, queue);
      isCalledOff[slot] = isMeant && (answerLast(queue, slot, status) || queue.room(1) <= 0);
      isDone &= isCalledOff[slot] == isMeant;
    }
    leaveQueues();
    for (int slot = 0; slot < table.capacity(); slot++) {
      if (isCalledOff[slot]) {
        callOff(slot);
      }
    }
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
      isCalledOff[slot] = queue != null && queue.controller() == controller;
    }
    leaveQueues();
    for (int slot = 0; slot < table.capacity(); slot++) {
      if (isCalledOff[slot]) {
        callOff(slot);
      }
    }
  }

  private void leaveQueues() {
    held.drop(isCalledOff);
    locks.drop(isCalledOff);
  }

  private void callOff(int slot) {
    byte state = table.states[slot];
    if (state == CommandTable.FETCHING || state == CommandTable.DELIVERING) {
      table.queues[slot].data().forget(slot);
    }
    table.orphan(slot);
    int partner = partners[slot];
    if (partner != CommandTable.NONE) {
      partners[slot] = CommandTable.NONE;
      partners[partner] = CommandTable.NONE;
      if (isFirst[slot] && !isCalledOff[partner]) {
        // It is not to be done for itself.
        endSecond(partner, HostData.DONE);
      }
    }
    if (state != CommandTable.MOVING && state != CommandTable.SYNCING) {
      end(slot, HostData.DONE);
    }
  }
}
