package sluice.recorder;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.recorder.format.FormatException;
import sluice.support.agent.Agent;

/**
 * Takes a recording, or a part of it, to a sink: reads ahead, verifies, and hands on as fast as the
 * sink takes it. A step waits for nothing but the sink, and allocates nothing.
 *
 * <p>Runs on one thread; {@link #playedBytes}, {@link #gaps}, {@link #gapBytes} and {@link
 * #hasEnded} are for any. The reader and the sink stay the caller's, to be closed after the player.
 */
public final class Player implements Agent {
  private static final long ZEROS = 1 << 20;

  /** What is done where bytes were lost when they were recorded. */
  public enum Gaps {
    /** The sink is told ({@link Sink#gap}), and does as it is made to. */
    TELL,
    /** The sink is given zeros. */
    ZEROS,
    /** That is an error. */
    FAIL
  }

  /** Told of gaps. */
  @FunctionalInterface
  public interface GapListener {
    /**
     * @param streamOffset where bytes are missing
     * @param bytes how many of them are in what is played
     */
    void gap(long streamOffset, long bytes, boolean isEstimate);
  }

  private final RecordingReader reader;
  private final Sink sink;
  private final Gaps policy;
  private final MemorySegment zeros;
  private final long end;

  private GapListener listener = (streamOffset, bytes, isEstimate) -> {};
  private RecordingReader.Range range = RecordingReader.Range.NONE;
  private long done;
  private long length;
  private long played;
  private long passedGaps;
  private long passedGapBytes;

  // Told to other threads.
  private volatile long playedBytes;
  private volatile long gaps;
  private volatile long gapBytes;
  private volatile boolean ended;

  /** All of the recording from where the reader stands. */
  public Player(RecordingReader reader, Sink sink, Gaps policy) {
    this(reader, sink, policy, Long.MAX_VALUE);
  }

  /**
   * A part of the recording from where the reader stands.
   *
   * @param endOffset the stream offset behind the last byte to play
   */
  public Player(RecordingReader reader, Sink sink, Gaps policy, long endOffset) {
    this.reader = reader;
    this.sink = sink;
    this.policy = policy;
    this.end = endOffset;
    this.zeros = policy == Gaps.ZEROS ? Arena.ofAuto().allocate(ZEROS, 4096) : null;
  }

  /** Tells of each gap that is passed, whatever is done about it; on the player's thread. */
  public Player onGap(GapListener newListener) {
    listener = newListener;
    return this;
  }

  @Override
  public String name() {
    return "player";
  }

  /**
   * @throws FormatException if what should be there is damaged, or there is a gap and that is an
   *     error
   * @throws sluice.nvme.NvmeException if the drive fails
   */
  @Override
  public int doWork() {
    if (ended) {
      return 0;
    }
    if (range == RecordingReader.Range.NONE) {
      range = reader.poll();
      if (range == RecordingReader.Range.NONE) {
        return 0;
      }
      begin();
      return 1;
    }
    long moved = range == RecordingReader.Range.GAP ? fill() : write(reader.address() + done);
    if (done == length) {
      range = RecordingReader.Range.NONE;
    }
    return moved > 0 ? 1 : 0;
  }

  private void begin() {
    done = 0;
    length = 0;
    if (range == RecordingReader.Range.END || reader.streamOffset() >= end) {
      sink.finish();
      ended = true;
      return;
    }
    length = Math.min(reader.length(), end - reader.streamOffset());
    if (range == RecordingReader.Range.GAP) {
      if (policy == Gaps.FAIL) {
        throw new FormatException(
            "recording '%s' has a gap: %d bytes at stream offset %d were lost"
                .formatted(reader.recording().name(), reader.length(), reader.streamOffset()));
      }
      passedGaps++;
      passedGapBytes += length;
      gaps = passedGaps;
      gapBytes = passedGapBytes;
      listener.gap(reader.streamOffset(), length, reader.isEstimate());
      if (policy == Gaps.TELL) {
        sink.gap(length);
        range = RecordingReader.Range.NONE;
      }
    }
  }

  private long fill() {
    long taken = sink.write(zeros.address(), Math.min(ZEROS, length - done));
    done += taken;
    return taken;
  }

  private long write(long address) {
    long taken = sink.write(address, length - done);
    done += taken;
    played += taken;
    playedBytes = played;
    return taken;
  }

  /** Bytes of the recording that the sink has taken, without gaps. */
  public long playedBytes() {
    return playedBytes;
  }

  /** Gaps passed. */
  public long gaps() {
    return gaps;
  }

  /** Bytes in them. */
  public long gapBytes() {
    return gapBytes;
  }

  /** Whether all was taken, and is where it belongs. */
  public boolean hasEnded() {
    return ended;
  }
}
