package sluice.recorder.write;

import sluice.nvme.spec.Status;
import sluice.recorder.drive.DriveQueue;

/**
 * Makes durable what was written, when the policy says so: the index entries of all that is
 * retired, then a Flush, then a mark in the index that says so. Data goes on being written
 * meanwhile. Used by the writer's thread.
 */
final class Flusher {
  /** The tag of its requests. */
  static final long TAG = -2;

  private static final int RETRIES = 3;

  private enum State {
    IDLE,
    /** Index entries are being written. */
    INDEX,
    /** To be requested. */
    FLUSH,
    /** On its way. */
    FLUSHING
  }

  private final DriveQueue queue;
  private final DataWriter data;
  private final IndexWriter index;
  private final WriterOptions options;
  private final WriterFigures figures;

  /** Entries of the index that a mark must leave free. */
  private final long reserve;

  private State state = State.IDLE;
  private boolean ending;
  private long durable;
  private long durableEntries;
  private long targetBytes;
  private long targetEntries;
  private long startedAt;
  private int attempts;
  private int failure;
  private volatile int kelvin;

  /**
   * @param index null for raw mode
   */
  Flusher(
      DriveQueue queue,
      DataWriter data,
      IndexWriter index,
      WriterOptions options,
      WriterFigures figures) {
    this.queue = queue;
    this.data = data;
    this.index = index;
    this.options = options;
    this.figures = figures;
    this.reserve = 2L * options.depth() + 8;
    this.startedAt = options.nanoClock().getAsLong();
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
    if (state == State.INDEX && (index == null || index.written() >= targetEntries)) {
      if (options.flush().forceUnitAccess()) {
        done();
        return 1;
      }
      state = State.FLUSH;
    }
    if (state == State.FLUSH && queue.flush(TAG)) {
      state = State.FLUSHING;
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
    if (bytes >= policy.everyBytes()) {
      return true;
    }
    return policy.everyNanos() != Long.MAX_VALUE
        && options.nanoClock().getAsLong() - startedAt >= policy.everyNanos();
  }

  private void start() {
    startedAt = options.nanoClock().getAsLong();
    targetBytes = data.streamBytes();
    targetEntries = index == null ? 0 : index.appended();
    state = State.INDEX;
  }

  /** The entries that shall be written now, however few. */
  long wantedEntries() {
    return state == State.INDEX ? targetEntries : 0;
  }

  /** A Flush has completed. */
  void completed(int status) {
    if (status == 0) {
      attempts = 0;
      done();
    } else if (++attempts <= RETRIES && Status.isRetryable(status)) {
      figures.retry();
      state = State.FLUSH;
    } else {
      failure = status;
    }
  }

  private void done() {
    state = State.IDLE;
    durable = targetBytes;
    durableEntries = targetEntries;
    figures.durable(durable);
    figures.flush(options.nanoClock().getAsLong() - startedAt);
    if (index != null && !ending && index.hasRoom(1) && index.remaining() > reserve) {
      long now = options.wallClock().getAsLong();
      index.mark(durable, data.takeHighWater(), now, kelvin);
    }
  }

  /** Whether all that was retired, and all of the index, is durable. */
  boolean isClean() {
    return state == State.IDLE
        && durable == data.streamBytes()
        && (index == null || durableEntries == index.appended());
  }

  /** The status of the Flush that failed for good; 0 if none did. */
  int failure() {
    return failure;
  }
}
