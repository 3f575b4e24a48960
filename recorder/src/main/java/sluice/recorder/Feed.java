package sluice.recorder;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A stream that a program brings along: asked for its bytes whenever there is room for them.
 *
 * <p>The bytes go straight into the memory that the drive reads. While the drive is so late that
 * the ring is full, nothing is asked: who cannot wait keeps what comes meanwhile, and tells by
 * {@link #lost} of what was too much. A {@link java.nio.channels.ReadableByteChannel} is as good a
 * feed as any, by {@code channel::read}.
 *
 * <pre>{@code
 * final class Counter implements Feed {
 *   private long next;
 *
 *   {@literal @}Override
 *   public int fill(ByteBuffer room) {
 *     if (next == 100_000) {
 *       return END;
 *     }
 *     int start = room.position();
 *     while (room.remaining() >= Long.BYTES && next < 100_000) {
 *       room.putLong(next++);
 *     }
 *     return room.position() - start;
 *   }
 * }
 *
 * try (Volume volume = Volume.open(address);
 *     RecordingSession session =
 *         RecordingSession.open(volume, RecordingOptions.named("numbers"), new Counter())) {
 *   told.add(session.run().totals().recordedBytes() + " bytes");
 * }
 * }</pre>
 *
 * <p>Who is not asked but has bytes to give, as a driver's callback has, puts them into the ring of
 * a {@link Recorder} by a {@link sluice.recorder.source.RingOutput}.
 *
 * <p>The recording's own thread calls {@link #fill}, {@link #lost}, {@link #isLossEstimated},
 * {@link #available} and {@link #close}, one at a time; {@link #wakeUp} is called by another one.
 */
@FunctionalInterface
public interface Feed extends AutoCloseable {
  /** What {@link #fill} returns when the stream is over. */
  int END = -1;

  /**
   * Puts the stream's next bytes where there is room, from the buffer's position on.
   *
   * <p>It may wait for bytes, but what came before is not made durable meanwhile: a hundredth of a
   * second is a good time, and a second much. When the recording ends and this has not returned for
   * a second, it is told by {@link #wakeUp}, and its thread is interrupted.
   *
   * @param room direct, with one byte or more between position and limit; big-endian. It is to be
   *     written from position to limit only, and not after this has returned: then it belongs to
   *     the drive. Where the position is left means nothing
   * @return how many bytes there are now, from the position on; 0 for none yet: it is asked again
   *     soon; {@link #END} when the stream is over
   * @throws IOException if the stream fails, as by any other exception or error: then it ends, what
   *     came before is kept, and {@link RecordingSession#failure} tells
   * @throws InterruptedException if it was waiting when its thread was interrupted
   */
  int fill(ByteBuffer room) throws IOException, InterruptedException;

  /**
   * How many bytes of the stream are missing behind those of the last {@link #fill}; asked after
   * each. They become a gap in that place.
   */
  default long lost() {
    return 0;
  }

  /** Whether {@link #lost} is an estimate; asked if there is a loss. */
  default boolean isLossEstimated() {
    return false;
  }

  /**
   * How many bytes are there that {@link #fill} would give without waiting. Asked once, when the
   * recording is told to stop: so many are still taken, because who sent them will not send them
   * again.
   */
  default long available() throws IOException {
    return 0;
  }

  /**
   * Told that the recording ends: a {@link #fill} that waits should return. It may close what that
   * waits for: an {@link IOException} that comes of it is no failure. Called by any thread; if it
   * takes longer than a second, {@link #fill} is interrupted meanwhile.
   */
  default void wakeUp() {}

  /** Called once, after the last {@link #fill}. */
  @Override
  default void close() throws IOException {}
}
