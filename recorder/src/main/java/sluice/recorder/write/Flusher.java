package sluice.recorder.write;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveQueue;
import sluice.nvme.drive.Retry;
import sluice.support.events.Incidents;

/**
 * Makes durable what was written, when the policy says so: the index entries of all that is
 * retired, then a Flush, then a mark in the index that says so. Data goes on being written
 * meanwhile. Used by the writer's thread.
 */
final class Flusher {
  /**
   * Where each write is durable by itself, a mark says nothing new; so now and then will do, for
   * the temperature and the ring's high-water mark.
   */
  private static final long MARK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private enum State {
    IDLE,
    /** Index entries are being written. */
    INDEX,
    /** To be requested. */
    FLUSH,
    /** On its way. */
    FLUSHING,
    /** The catalogue is told where the index is, without which it cannot be found. */
    NOTE
  }

  private final Drive drive;
  private final DriveQueue queue;
  private final DataWriter data;
  private final RecordingIndex index;
  private final WriterOptions options;
  private final WriterFigures figures;
  private final Notes notes;
  private final Supplier<WriterResult> now;
  private final Retry retry = new Retry();

  /** Entries of the index that a mark must leave free. */
  private final long reserve;

  private State state = State.IDLE;
  private boolean ending;
  private long durable;
  private long durableEntries;
  private long targetBytes;
  private long targetEntries;
  private List<Integer> leftOut = List.of();
  private long startedAt;
  private long markedAt;
  private int failure;
  private volatile int kelvin;

  /**
   * @param now how the recording stands
   */
  Flusher(
      Drive drive,
      DriveQueue queue,
      DataWriter data,
      RecordingIndex index,
      WriterOptions options,
      WriterFigures figures,
      Notes notes,
      Supplier<WriterResult> now) {
    this.drive = drive;
    this.notes = notes;
    this.now = now;
    this.queue = queue;
    this.data = data;
    this.index = index;
    this.options = options;
    this.figures = figures;
    this.reserve = 2L * options.depth() + 8;
    this.startedAt = options.nanoClock().getAsLong();
    this.markedAt = startedAt;
  }

  /** The drive's temperature, for the marks that follow; from any thread. */
  void kelvin(int value) {
    kelvin = value;
  }

  /** Nothing more is written: flush what is not durable yet, whatever the policy says. */
  void end() {
    ending = true;
  }

  int doWork() {
    if (state == State.IDLE && isDue()) {
      start();
    }
    if (state == State.INDEX && index.written() >= targetEntries) {
      leftOut = index.leftOut();
      if (options.flush().forceUnitAccess()) {
        note();
        return 1;
      }
      state = State.FLUSH;
    }
    if (state == State.NOTE) {
      note();
    }
    boolean isDue = state == State.FLUSH && retry.isDue(options.nanoClock().getAsLong());
    if (isDue && queue.flush(Request.FLUSH.tag())) {
      state = State.FLUSHING;
      notes.flushRequested();
      return 1;
    }
    return 0;
  }

  private boolean isDue() {
    if (ending) {
      return !isClean();
    }
    long bytes = data.streamBytes() - durable;
    if (bytes == 0) {
      return false;
    }
    FlushPolicy policy = options.flush();
    if (bytes >= policy.everyBytes() || policy.forceUnitAccess()) {
      return true;
    }
    return policy.everyNanos() != Long.MAX_VALUE
        && options.nanoClock().getAsLong() - startedAt >= policy.everyNanos();
  }

  private void start() {
    startedAt = options.nanoClock().getAsLong();
    targetBytes = data.streamBytes();
    targetEntries = index.appended();
    state = State.INDEX;
    if (!ending) {
      notes.aim(now);
    }
  }

  /** The entries that shall be written now, however few. */
  long wantedEntries() {
    return state == State.INDEX ? targetEntries : 0;
  }

  /** A Flush has completed. */
  void completed(int status) {
    if (status == 0) {
      retry.reset();
      notes.flushed();
      long nanos = options.nanoClock().getAsLong() - startedAt;
      figures.flush(nanos);
      Incidents.flush(nanos, targetBytes);
      note();
    } else if (retry.failed(drive, status, options.nanoClock().getAsLong())) {
      figures.retry();
      state = State.FLUSH;
    } else {
      failure = status;
    }
  }

  /** What is durable counts as that when it can be found. */
  private void note() {
    if (notes.isNoted(leftOut)) {
      done();
    } else {
      boolean isFlushNeeded = notes.note(leftOut, index.capacity(leftOut));
      state = isFlushNeeded ? State.FLUSH : State.NOTE;
    }
  }

  /** Whether the catalogue cannot be told where the index is. */
  boolean isLost() {
    return state == State.NOTE && notes.isOff();
  }

  private void done() {
    state = State.IDLE;
    durable = targetBytes;
    durableEntries = targetEntries;
    figures.durable(durable);
    notes.reached();
    if (isMarkWanted() && index.hasRoom(1) && index.remaining() > reserve) {
      markedAt = options.nanoClock().getAsLong();
      index.mark(durable, data.takeHighWater(), options.wallClock().getAsLong(), kelvin);
    }
  }

  private boolean isMarkWanted() {
    boolean isTime =
        !options.flush().forceUnitAccess()
            || options.nanoClock().getAsLong() - markedAt >= MARK_EVERY_NANOS;
    return !ending && isTime;
  }

  /** Whether all that was retired, and all of the index, is durable. */
  boolean isClean() {
    return state == State.IDLE
        && durable == data.streamBytes()
        && durableEntries == index.appended();
  }

  /** The status of the Flush that failed for good; 0 if none did. */
  int failure() {
    return failure;
  }
}
