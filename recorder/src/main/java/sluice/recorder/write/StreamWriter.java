package sluice.recorder.write;

import java.util.List;
import sluice.nvme.CompletionHandler;
import sluice.nvme.NvmeException;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveQueue;
import sluice.nvme.drive.Retry;
import sluice.nvme.drive.RetryRule;
import sluice.nvme.spec.Status;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.CatalogueEntry.PauseFigures;
import sluice.recorder.format.CatalogueEntry.Totals;
import sluice.recorder.format.EndReason;
import sluice.recorder.format.Extent;
import sluice.recorder.format.Superblock;
import sluice.recorder.ring.StreamRing;
import sluice.recorder.volume.CatalogueUpdate;
import sluice.support.agent.Agent;
import sluice.support.agent.IdleStrategy;
import sluice.support.events.StateLog;
import sluice.vfio.DmaMemory;

/**
 * Takes a stream from its ring to the drive until it ends, one step at a time.
 *
 * <p>{@link DataWriter} moves the data, {@link IndexWriter} the index, {@link Flusher} makes both
 * durable; this class leads them through the recording's life:
 *
 * <pre>
 * RECORDING ──▶ SETTLING ──▶ CLOSING ──▶ DONE       FAILING ──▶ FAILED
 *   data,         the last     the entry              from any of them, when the
 *   index,        entries,     of the                 drive fails to write what
 *   flushes       Flush        catalogue              is not data
 * </pre>
 *
 * When the drive is full or a write of data fails for good, what came before is kept and closed in
 * order, the producer is told to stop, and what it still delivers is counted as lost.
 *
 * <p>Runs on one thread. {@link #figures}, {@link #stop}, {@link #kelvin}, {@link #hasEnded} and
 * {@link #result} are for any thread. A step allocates nothing while the recording runs, but for a
 * note in the catalogue every 2 seconds.
 */
public final class StreamWriter implements Agent {
  /** Requests on the queue besides data: one of the index, one Flush, one note. */
  private static final int OTHER_REQUESTS = 3;

  /** Entries of the index that the end of a recording may need. */
  private static final int ENTRIES_AT_END = 8;

  /** Bytes of memory for the catalogue that a recording's writer needs. */
  public static final int MEMORY_BYTES = Checkpoint.MEMORY_BYTES;

  private enum Phase {
    RECORDING,
    SETTLING,
    CLOSING,
    FAILING,
    DONE,
    FAILED
  }

  /** Makes the last change of the catalogue. */
  @FunctionalInterface
  public interface Closing {
    /**
     * @param generation the newest of the entry that may be on the drive
     */
    CatalogueUpdate update(DriveQueue queue, WriterResult result, int generation);
  }

  private final Drive drive;
  private final StreamRing ring;
  private final WriterOptions options;
  private final DriveQueue queue;
  private final RecordingIndex index;
  private final DataWriter data;
  private final StreamEnd streamEnd;
  private final Flusher flusher;
  private final Notes notes;
  private final WriterFigures figures = new WriterFigures();
  private final PauseTracker pauses;
  private final Closing closing;
  private final CompletionHandler handler = this::completed;

  private Phase phase = Phase.RECORDING;
  private CatalogueUpdate update;
  private EndReason reason = EndReason.NONE;
  private String failure = "";
  private final Retry indexRetry = new Retry();
  private volatile WriterResult result;

  private StreamWriter(
      Drive drive,
      StreamRing ring,
      List<Extent> extents,
      CatalogueEntry recording,
      Opened opened,
      WriterOptions wanted,
      Closing closing) {
    this.drive = drive;
    this.ring = ring;
    int most = drive.maxQueueDepth();
    this.options = wanted.withDepth(Math.clamp(most - OTHER_REQUESTS, 1, wanted.depth()));
    this.pauses = new PauseTracker(options.pauseThreshold().toNanos());
    this.closing = closing;
    this.queue = drive.openQueue(Math.min(options.depth() + OTHER_REQUESTS, most));
    this.index =
        recording == null
            ? new NoIndex()
            : new IndexWriter(queue, drive.dma(), recording, options.flush());
    this.notes =
        recording == null
            ? new NoNotes()
            : new Checkpoint(
                drive,
                queue,
                opened.layout,
                recording,
                opened.memory,
                opened.generation,
                options.flush().forceUnitAccess(),
                options.nanoClock());
    this.data = new DataWriter(drive, queue, ring, extents, index, options, figures, pauses);
    this.streamEnd = new StreamEnd(ring, data, options);
    this.flusher =
        new Flusher(drive, queue, data, index, options, figures, notes, () -> resultNow(false));
  }

  /**
   * How a recording was opened.
   *
   * @param memory {@link #MEMORY_BYTES} bytes for notes in its entry of the catalogue
   * @param generation of that entry on the drive
   */
  public record Opened(Superblock layout, DmaMemory memory, int generation) {}

  /**
   * A writer of a recording that is open in the catalogue.
   *
   * @param closing asked once, when all is durable but the end itself
   */
  public static StreamWriter of(
      Drive drive,
      StreamRing ring,
      CatalogueEntry recording,
      Opened opened,
      WriterOptions options,
      Closing closing) {
    return new StreamWriter(drive, ring, recording.extents(), recording, opened, options, closing);
  }

  /** A writer of a plain range of the drive, without any metadata. */
  public static StreamWriter raw(
      Drive drive, StreamRing ring, Extent range, WriterOptions options) {
    return new StreamWriter(drive, ring, List.of(range), null, null, options, null);
  }

  @Override
  public String name() {
    return "writer";
  }

  /** What to do between two turns of this agent; the drive may know better than to look again. */
  public IdleStrategy idle(IdleStrategy otherwise) {
    return queue.idle(otherwise);
  }

  @Override
  public int doWork() {
    if (isOver()) {
      return 0;
    }
    int work = 0;
    try {
      work = queue.poll(handler);
      work += step();
      queue.ring();
    } catch (NvmeException e) {
      fail(e.getMessage());
      end(Phase.FAILED);
    }
    figures.inFlight(data.inFlight());
    figures.pauses(pauses, options.nanoClock().getAsLong());
    return work;
  }

  private boolean isOver() {
    return phase == Phase.DONE || phase == Phase.FAILED;
  }

  private int step() {
    return switch (phase) {
      case RECORDING -> write();
      case SETTLING -> settle();
      case CLOSING -> close(update);
      case FAILING -> {
        if (queue.outstanding() == 0) {
          end(Phase.FAILED);
        }
        yield 0;
      }
      case DONE, FAILED -> 0;
    };
  }

  private int write() {
    // What makes durable comes before new data, which would leave it no room on a short queue.
    int work = data.retire() + flush() + data.submit();
    if (data.isCut()) {
      work += data.drop();
    }
    if (!goesOn()) {
      return work;
    }
    if (streamEnd.isReached() && data.finish()) {
      reason = streamEnd.reason();
      if (data.failure() != 0) {
        failure =
            "a write at %d failed: %s"
                .formatted(data.failedAddress(), Status.format(data.failure()));
      }
      flusher.end();
      become(Phase.SETTLING, reason.name());
    }
    return work;
  }

  /** The flusher first: what it wants of the index is written in the same turn. */
  private int flush() {
    return flusher.doWork() + writeIndex() + notes.doWork();
  }

  private int writeIndex() {
    return indexRetry.isDue(options.nanoClock().getAsLong())
        ? index.doWork(flusher.wantedEntries())
        : 0;
  }

  /** Fails when what makes durable has failed; whether it goes on. */
  private boolean goesOn() {
    if (flusher.failure() != 0) {
      fail("a Flush failed: " + Status.format(flusher.failure()));
    } else if (flusher.isLost()) {
      fail("the catalogue could not be written: " + Status.format(notes.failure()));
    }
    return phase != Phase.FAILING;
  }

  private int settle() {
    int work = flush();
    if (goesOn() && flusher.isClean()) {
      if (closing == null) {
        end(Phase.DONE);
      } else if (notes.isSettled()) {
        update = closing.update(queue, resultNow(true), notes.generation());
        become(Phase.CLOSING, "");
      }
    }
    return work;
  }

  private int close(CatalogueUpdate running) {
    int work = running.doWork();
    if (running.hasFailed()) {
      fail("the catalogue could not be written: " + Status.format(running.failure()));
    } else if (running.isDone()) {
      end(Phase.DONE);
    }
    return work;
  }

  private void completed(long tag, int status) {
    switch (Request.of(tag)) {
      case DATA -> data.completed(tag, status);
      case INDEX -> indexCompleted(status);
      case FLUSH -> flusher.completed(status);
      case NOTE -> notes.completed(status);
      case CATALOGUE -> update.completed(status);
    }
  }

  private void indexCompleted(int status) {
    long now = options.nanoClock().getAsLong();
    if (status == 0) {
      indexRetry.reset();
      index.completed();
    } else if (indexRetry.failed(drive, status, now)) {
      figures.retry();
      index.again();
    } else if (RetryRule.isBadPlace(status)
        && !notes.isOff()
        && index.leaveOut(2L * options.depth() + ENTRIES_AT_END)) {
      indexRetry.reset();
    } else {
      fail("a write of the index failed: " + Status.format(status));
    }
  }

  /** What cannot be helped: the recording stays open, and a recovery will find what is durable. */
  private void fail(String problem) {
    if (failure.isEmpty()) {
      failure = problem;
    }
    reason = EndReason.COMMAND_FAILED;
    become(Phase.FAILING, problem);
    ring.stop();
  }

  /** The one place where the phase changes. */
  private void become(Phase next, String why) {
    Phase before = phase;
    phase = next;
    StateLog.changed("writer", "", before, next, why);
  }

  private void end(Phase last) {
    become(last, failure);
    result = resultNow(last == Phase.DONE && closing != null);
  }

  private WriterResult resultNow(boolean closed) {
    return new WriterResult(
        reason,
        failure,
        closed,
        figures.durableBytes(),
        new Totals(
            data.streamBytes(),
            figures.recordedBytes(),
            figures.chunks(),
            figures.gaps(),
            figures.lostBytes()),
        data.used(),
        index.appended(),
        index.chain(),
        index.leftOut(),
        data.steppedOver(),
        ring.highWaterBytes(),
        new PauseFigures(
            pauses.count(),
            pauses.thresholdNanos(),
            pauses.longestNanos(),
            figures.longestWriteNanos(),
            figures.buckets()));
  }

  /**
   * Frees its queue and memory. A recording that has not ended stays open on the drive, as after a
   * crash.
   */
  @Override
  public void close() {
    queue.close();
    index.close();
  }

  // ------------------------------------------------------------------------------------------
  // anyone

  /**
   * Says that the producer itself was told to stop: the recording goes on until the producer ends,
   * however long that takes, and has then ended because it was told to.
   */
  public void announceStop() {
    streamEnd.announceStop();
  }

  /** Ends the recording: the producer is told to stop, and what it has committed is kept. */
  public void stop() {
    streamEnd.stop();
  }

  /** The drive's temperature, for the marks that follow. */
  public void kelvin(int kelvin) {
    flusher.kelvin(kelvin);
  }

  /** How it stands. */
  public WriterFigures figures() {
    return figures;
  }

  /** Whether it has nothing to do any more. */
  public boolean hasEnded() {
    return result != null;
  }

  /** What came of it; null until {@link #hasEnded}. */
  public WriterResult result() {
    return result;
  }
}
