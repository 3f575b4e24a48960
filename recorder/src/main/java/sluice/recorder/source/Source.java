package sluice.recorder.source;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import sluice.recorder.ring.StreamRing;
import sluice.support.agent.Agent;
import sluice.support.linux.LinuxException;

/**
 * A stream from the outside world on its way into a {@link StreamRing}.
 *
 * <p>There are two kinds, see {@link #canStall}. One can be held back: when the ring is full it is
 * simply not read, and whoever sends waits. The other can't: what arrives while the ring is full is
 * counted and becomes a gap in the stream's own place, and the stream goes on.
 *
 * <p>The stream ends when its origin does, at a limit that its address sets, after {@link #stop},
 * or at once when the ring's consumer wants no more. It ends in an orderly way also when reading
 * fails: what came before is committed, the ring gets its end, and {@link #failure} tells what
 * happened.
 *
 * <p>Threads: {@link #attach}, {@link #doWork} and {@link #close} belong to one thread, the ring's
 * producer; the other methods may be called by any.
 */
public abstract class Source implements Agent {
  private final String description;
  private final SourceCounters counters = new SourceCounters();
  private SlotFiller slots;
  private volatile boolean stopping;
  private volatile boolean ended;
  private volatile boolean closed;
  private volatile String failure;
  private volatile Exception cause;
  private volatile boolean abandoned;
  private final AtomicLong turns = new AtomicLong();

  /** The options that its address was opened with. */
  final SourceOptions options;

  Source(String description, SourceOptions options) {
    this.description = description;
    this.options = options;
  }

  /** Says where the bytes go; once, before the first {@link #doWork}. */
  public final void attach(StreamRing ring) {
    if (slots != null) {
      throw new IllegalStateException(description + " has its ring already");
    }
    slots = new SlotFiller(ring, options.ticks(), options.maxSlotAgeNanos());
  }

  /**
   * Moves bytes into the ring: a bounded number of system calls, and no waiting beyond {@link
   * SourceOptions#pollMillis}.
   *
   * @return 0 when nothing arrived, or when a source that can be held back finds the ring full
   */
  @Override
  public final int doWork() {
    int work = step();
    turns.setRelease(turns.getPlain() + 1);
    return work;
  }

  private int step() {
    if (ended || abandoned) {
      return 0;
    }
    if (slots == null) {
      throw new IllegalStateException(description + " has no ring");
    }
    if (slots.isStopped()) {
      finish();
      return 1;
    }
    int work = 0;
    try {
      work = move(slots);
    } catch (LinuxException e) {
      fail("failed: " + e.getMessage(), e);
      finish();
    }
    if (!ended && !abandoned) {
      slots.commitIfOld();
    }
    return work;
  }

  /**
   * Asks the stream to end. What has arrived by then is still put into the ring, which may take as
   * long as that has no room; then it is {@link #hasEnded}.
   */
  public final void stop() {
    stopping = true;
  }

  /** Whether the ring has all that there will be. */
  public final boolean hasEnded() {
    return ended;
  }

  /** What made the stream end that should not have, in one line; null if nothing did. */
  public final String failure() {
    return failure;
  }

  /** What {@link #failure} tells of, for programs; null if nothing does. */
  public final Exception cause() {
    return cause;
  }

  /** How many steps have returned. Another thread can tell by it that one does not. */
  public final long turns() {
    return turns.getAcquire();
  }

  /**
   * Says that the ring is gone, though a step has not returned: when it does, nothing is put there
   * any more. Called by any thread.
   */
  public final void abandon() {
    abandoned = true;
  }

  /** Whether a full ring holds this stream back; if not, what finds no room is lost. */
  public abstract boolean canStall();

  /** The address it was opened by. */
  public final String description() {
    return description;
  }

  /** What a person should know about how it was opened, such as a buffer smaller than asked for. */
  public List<String> notes() {
    return List.of();
  }

  public final SourceCounters counters() {
    return counters;
  }

  @Override
  public final String name() {
    return "source";
  }

  /** Ends the stream if it has not, and gives up files and sockets. */
  @Override
  public final void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (slots != null && !ended && !abandoned) {
        finish();
      }
    } finally {
      release();
    }
  }

  /**
   * Moves what is there now.
   *
   * @return how much was done
   */
  abstract int move(SlotFiller slots);

  /** The last chance to put something into the ring, or to say that it is lost. */
  void ending(SlotFiller slots) {}

  /** Gives up files, sockets and memory. */
  abstract void release();

  final boolean isStopping() {
    return stopping;
  }

  final boolean isAbandoned() {
    return abandoned;
  }

  /** Keeps the first failure. */
  final void fail(String what, Throwable why) {
    if (failure == null) {
      cause = why instanceof Exception known ? known : new IllegalStateException(why);
      failure = description + " " + what;
    }
  }

  /** Ends the stream: what is in a slot is committed. */
  final void finish() {
    try {
      ending(slots);
    } finally {
      slots.end();
      ended = true;
    }
  }
}
