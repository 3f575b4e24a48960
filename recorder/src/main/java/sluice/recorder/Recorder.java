package sluice.recorder;

import java.time.Duration;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import sluice.nvme.drive.Drive;
import sluice.recorder.format.Extent;
import sluice.recorder.format.SealedBlock;
import sluice.recorder.ring.StreamRing;
import sluice.recorder.write.StreamWriter;
import sluice.recorder.write.WriterFigures;
import sluice.recorder.write.WriterResult;
import sluice.support.agent.Agent;
import sluice.support.agent.AgentRunner;
import sluice.support.agent.IdleStrategy;

/**
 * A recording that is under way: the ring that a producer fills, and the agent that takes it to the
 * drive.
 *
 * <p>A program claims a slot of {@link #ring}, fills it and commits it, and ends the ring at last;
 * meanwhile the {@link #agent} has to be moved, by {@link #start} on a thread of its own or by the
 * program. Then {@link #await} tells what came of it.
 *
 * <p>One thread produces, one moves the agent. {@link #status}, {@link #stop}, {@link
 * #announceStop}, {@link #temperature} and {@link #latencies} are for any thread; all else is for
 * the thread that made it.
 */
public final class Recorder implements AutoCloseable {
  private static final Duration STOP_TIMEOUT = Duration.ofMinutes(1);

  private static final int NO_NUMBER = -1;

  private final Drive drive;
  private final int number;
  private final StreamRing ring;
  private final StreamWriter writer;
  private final Consumer<WriterResult> onEnd;
  private String note = "";
  private AgentRunner runner;
  private WriterResult result;
  private boolean finished;
  private boolean closed;

  /**
   * @param number of the recording; -1 in raw mode
   * @param onEnd told what came of it; null if it was closed before it ended
   */
  Recorder(
      Drive drive, int number, StreamRing ring, StreamWriter writer, Consumer<WriterResult> onEnd) {
    this.drive = drive;
    this.number = number;
    this.ring = ring;
    this.writer = writer;
    this.onEnd = onEnd;
  }

  /**
   * Records to a plain range of a drive: no superblock, no catalogue, no index, nothing that tells
   * of it afterwards. Whatever is there is overwritten. Each slot's bytes begin at a multiple of
   * 4096; {@link RecorderStatus#lastAddress} tells where the stream ends. Lost bytes leave no trace
   * but in the status.
   *
   * @param startAddress of the first byte, a multiple of 4096
   * @param maxAddress the address after the last byte that may be written, a multiple of 4096
   * @param options of which the name, source and header mean nothing
   */
  public static Recorder raw(
      Drive drive, long startAddress, long maxAddress, RecordingOptions options) {
    if (startAddress < 0
        || startAddress % SealedBlock.SIZE != 0
        || maxAddress % SealedBlock.SIZE != 0
        || maxAddress <= startAddress
        || maxAddress > drive.bytes()) {
      throw new IllegalArgumentException(
          "cannot record from address %d up to %d: they are multiples of %d within the drive's %d"
              .formatted(startAddress, maxAddress, SealedBlock.SIZE, drive.bytes()));
    }
    Volume.requireWritable(drive);
    StreamRing ring = StreamRing.allocate(drive.dma(), options.slotBytes(), options.slotCount());
    Extent range = new Extent(startAddress, maxAddress - startAddress);
    return new Recorder(
        drive,
        NO_NUMBER,
        ring,
        StreamWriter.raw(drive, ring, range, options.writer()),
        result -> {});
  }

  /** The recording's number in the catalogue; -1 in raw mode. */
  public int number() {
    return number;
  }

  Recorder withNote(String newNote) {
    note = newNote;
    return this;
  }

  /** What may end the recording before its room is used up, in one line; empty if nothing may. */
  public String note() {
    return note;
  }

  /** The ring that the producer fills. It must no longer be used when this is closed. */
  public StreamRing ring() {
    return ring;
  }

  /**
   * What has to be moved for the recording to go on, if {@link #start} is not used. Whoever moves
   * it closes it too.
   */
  public Agent agent() {
    return writer;
  }

  /** Moves the agent on a thread of its own. */
  public Recorder start(IdleStrategy idle) {
    if (runner != null) {
      throw new IllegalStateException("the recorder was started already");
    }
    runner = AgentRunner.start(writer, writer.idle(idle));
    return this;
  }

  /** How it stands. */
  public RecorderStatus status() {
    WriterFigures figures = writer.figures();
    return new RecorderStatus(
        figures.writtenBytes(),
        figures.durableBytes(),
        figures.recordedBytes(),
        ring.committedBytes(),
        figures.gaps(),
        Math.max(figures.lostBytes(), ring.lostBytes()),
        ring.capacityBytes(),
        ring.fillBytes(),
        ring.highWaterBytes(),
        figures.inFlight(),
        figures.pauses(),
        figures.longestPauseNanos(),
        figures.pausedNanos(),
        figures.currentPauseNanos(),
        figures.longestWriteNanos(),
        figures.lastAddress(),
        figures.retries(),
        figures.flushes(),
        figures.longestFlushNanos());
  }

  /** Write latencies in nanoseconds until now: a copy. */
  public Histogram latencies() {
    return writer.figures().latencies().copy();
  }

  /** Tells the drive's temperature in kelvin, to be kept beside what is recorded from now on. */
  public void temperature(int kelvin) {
    writer.kelvin(kelvin);
  }

  /**
   * Says that the producer was told to stop and will end when all that has arrived is in the ring:
   * to be called before it is told. The recording goes on until then, and its reason to end is that
   * it was told to.
   */
  public void announceStop() {
    writer.announceStop();
  }

  /**
   * Ends the recording in order: the producer is told by {@link StreamRing#isStopped}, and has a
   * second to end; what it has committed is kept.
   */
  public void stop() {
    writer.stop();
  }

  /** Whether the recording has ended, well or not. */
  public boolean hasEnded() {
    return writer.hasEnded() || (runner != null && !runner.isRunning());
  }

  /**
   * Waits until the recording has ended.
   *
   * @return what came of it; null if that was not within the timeout
   * @throws IllegalStateException if the agent itself has failed
   */
  public WriterResult await(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    IdleStrategy idle = IdleStrategy.backingOff();
    while (!hasEnded()) {
      if (System.nanoTime() - deadline > 0) {
        return null;
      }
      idle.idle(0);
    }
    finish();
    return result;
  }

  private void finish() {
    if (!finished) {
      finished = true;
      try {
        if (runner != null) {
          runner.close();
        }
      } finally {
        result = writer.result();
        onEnd.accept(result);
      }
    }
  }

  /**
   * Ends the recording if it has not ended, and frees its memory.
   *
   * @throws IllegalStateException if the agent itself has failed
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (runner != null && !hasEnded()) {
        stop();
        await(STOP_TIMEOUT);
      }
      finish();
    } finally {
      // An agent that does not stop may still have writes under way from this memory: then it is
      // left to the drive, which frees it when it is closed.
      if (runner == null || !runner.isRunning()) {
        ring.close();
        drive.dma().free(ring.memory());
      }
    }
  }
}
