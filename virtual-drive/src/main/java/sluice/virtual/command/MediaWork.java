package sluice.virtual.command;

import java.util.function.LongSupplier;
import sluice.virtual.media.Media;

/**
 * What the media does for commands, a piece at a time: those on the same blocks one after the
 * other, and flushes. A lock is had until it is given back, also by a command that nobody waits for
 * any more: until the media is done with that, it could land on what is written later. Used in the
 * drive's turns; allocates nothing.
 */
final class MediaWork {
  /** Who goes on with a command. */
  interface Next {
    /** All its pieces are done, or one has failed; it has its lock. */
    void moved(int slot, int status);

    /** A flush has ended. */
    void flushed(int slot, int status);
  }

  private final CommandTable table;
  private final Operations work;
  private final Media media;
  private final BlockLocks locks;
  private final Next next;
  private final LongSupplier clock;
  private final Media.Completions completions = this::completed;

  /** How many commands the media works on, flushes included. */
  private int count;

  private long since;

  MediaWork(Subsystem subsystem, CommandTable table, Operations work, Next next) {
    this.table = table;
    this.work = work;
    this.next = next;
    media = subsystem.media();
    clock = subsystem.clock();
    locks = new BlockLocks(table.capacity());
  }

  /** Whether it works on nothing, and nothing waits for it, but flushes. */
  boolean isQuiet() {
    return locks.isEmpty();
  }

  /** Whether a command on some blocks can begin. */
  boolean isFree(long offset, long length, boolean writes) {
    return locks.isEmpty() || locks.isFree(offset, offset + length, writes);
  }

  /** Goes on with what it has done since; returns how much there was. */
  int poll() {
    int ended = 0;
    if (count > 0) {
      ended = media.poll(completions);
      if (ended > 0) {
        since = clock.getAsLong();
      }
    }
    beginWaiting();
    return ended;
  }

  /** How long to leave it alone. */
  long nanosToNextLook() {
    return count > 0 ? CommandLoop.pause(clock.getAsLong() - since) : CommandTable.NEVER;
  }

  /** Begins with a command, when it is alone on its blocks. */
  void begin(int slot, boolean writes) {
    describe(slot, writes);
    if (locks.lockOrWait(slot)) {
      step(slot);
    } else {
      table.states[slot] = CommandTable.WAITING;
    }
  }

  private void describe(int slot, boolean writes) {
    long offset = work.offsets[slot];
    locks.describe(slot, offset, offset + work.lengths[slot], writes);
  }

  /** A command that writes is to have another one's lock, on the same blocks. */
  void handOver(int slot, int to) {
    describe(to, true);
    locks.replace(slot, to);
  }

  void unlock(int slot) {
    locks.unlock(slot);
  }

  void unlockIfLocked(int slot) {
    locks.unlockIfLocked(slot);
  }

  /** Commands that wait are called off. */
  void drop(boolean[] which) {
    locks.drop(which);
  }

  /** Begins what waits and has nothing in its way any more, in order. */
  private void beginWaiting() {
    for (int at = locks.nextFree(0); at != CommandTable.NONE; at = locks.nextFree(at)) {
      step(locks.lock(at));
    }
  }

  /** Gives the media what comes next of a command that has its lock, until it takes its time. */
  void step(int slot) {
    table.states[slot] = CommandTable.MOVING;
    while (true) {
      if (work.done[slot] >= work.total(slot)) {
        next.moved(slot, Media.DONE);
        return;
      }
      int status = work.next(slot);
      if (status == Media.LATER) {
        began();
        return;
      }
      if (status != Media.DONE) {
        next.moved(slot, status);
        return;
      }
      work.done[slot] += work.pieces[slot];
    }
  }

  /** Makes durable what a command asks for, if anything. */
  void flush(int slot) {
    table.states[slot] = CommandTable.SYNCING;
    if (work.flushLengths[slot] == 0 && work.isToBeFlushed(slot)) {
      // The write cache was switched off since the command was taken.
      work.flushOffsets[slot] = work.offsets[slot];
      work.flushLengths[slot] = work.lengths[slot];
    }
    if (work.flushLengths[slot] == 0) {
      next.flushed(slot, Media.DONE);
      return;
    }
    int status = media.flush(work.flushOffsets[slot], work.flushLengths[slot], slot);
    if (status == Media.LATER) {
      began();
    } else {
      next.flushed(slot, status);
    }
  }

  /** The media was given something by somebody. */
  void began() {
    if (count++ == 0) {
      since = clock.getAsLong();
    }
  }

  private void completed(int slot, int status) {
    count--;
    if (table.states[slot] == CommandTable.SYNCING) {
      next.flushed(slot, status);
      return;
    }
    assert table.states[slot] == CommandTable.MOVING : "slot " + slot;
    if (status == Media.DONE && table.queues[slot] != null) {
      work.done[slot] += work.pieces[slot];
      step(slot);
    } else {
      next.moved(slot, status);
    }
  }
}
