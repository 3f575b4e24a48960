package sluice.recorder.source;

import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import sluice.recorder.StreamException;
import sluice.recorder.ring.StreamRing;
import sluice.support.agent.IdleStrategy;
import sluice.support.time.NanoClock;

/**
 * A stream that is pushed: whoever has bytes puts them into a recorder's ring, on the thread that
 * has them. For who is asked instead, see {@link sluice.recorder.Feed}.
 *
 * <p>What is in a slot that is not full goes to the drive when the next bytes come, and have waited
 * for {@link SourceOptions#maxSlotAgeNanos}, or at {@link #flush}. Nothing is allocated, whatever
 * kind of buffer the bytes are in. Used by one thread, the ring's producer; not after the recorder
 * was closed.
 */
public final class RingOutput implements WritableByteChannel {
  /** As long as a drive may pause. */
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private final StreamRing ring;
  private final SlotFiller slots;
  private final Rooms rooms;
  private final NanoClock clock;
  private final IdleStrategy idle = IdleStrategy.backingOff();
  private Thread owner;
  private boolean closed;

  public RingOutput(StreamRing ring, SourceOptions options) {
    this.ring = ring;
    this.slots = new SlotFiller(ring, options.ticks(), options.maxSlotAgeNanos());
    this.rooms = new Rooms(ring);
    this.clock = options.clock();
  }

  /**
   * Takes as many bytes as there is room for, without waiting.
   *
   * @return how many; the buffer's position is behind them
   * @throws StreamException if the recording takes nothing more: its drive is full or has failed,
   *     or it was stopped; or if the stream was {@linkplain #close ended}
   * @throws IllegalStateException if another thread has put bytes here
   */
  @Override
  public int write(ByteBuffer data) {
    checkUse();
    if (ring.isStopped()) {
      throw new StreamException("the recording takes nothing more: it has ended");
    }
    int start = data.position();
    while (data.hasRemaining()) {
      if (slots.at() == 0) {
        break;
      }
      ByteBuffer room = rooms.of(slots);
      int piece = Math.min(room.remaining(), data.remaining());
      room.put(room.position(), data, data.position(), piece);
      data.position(data.position() + piece);
      slots.filled(piece, clock.nanos());
    }
    slots.commitIfOld();
    return data.position() - start;
  }

  /**
   * Takes all bytes, and waits for room.
   *
   * @throws StreamException if the recording takes nothing more, or there was no room for a minute
   */
  public void writeAll(ByteBuffer data) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (data.hasRemaining()) {
      int taken = write(data);
      if (taken > 0) {
        deadline = System.nanoTime() + PATIENCE_NANOS;
      } else if (System.nanoTime() - deadline > 0) {
        throw new StreamException("the ring had no room for 60 s: the drive stands still");
      }
      idle.idle(taken);
    }
  }

  /**
   * Takes all bytes, and never waits: what finds no room is lost, and becomes a gap.
   *
   * @return how many bytes were lost
   * @throws StreamException if the recording takes nothing more
   */
  public int writeOrLose(ByteBuffer data) {
    int _ = write(data);
    int lost = data.remaining();
    lost(lost);
    data.position(data.limit());
    return lost;
  }

  /** Says that bytes are missing behind those that were written, and before those that follow. */
  public void lost(long bytes) {
    checkUse();
    slots.lost(bytes, clock.nanos());
  }

  /** Hands on what is in a slot that is not full. It costs padding on the drive. */
  public void flush() {
    checkUse();
    slots.commit();
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  /** Ends the stream. */
  @Override
  public void close() {
    if (!closed) {
      checkUse();
      closed = true;
      rooms.close();
      slots.end();
    }
  }

  /** What a second thread, or one after the end, put into a slot would be mixed up, or lost. */
  private void checkUse() {
    if (closed) {
      throw new StreamException("the stream takes nothing more: it was ended");
    }
    Thread current = Thread.currentThread();
    if (owner == null) {
      owner = current;
    } else if (!owner.equals(current)) {
      throw new IllegalStateException(
          "a stream is put into a ring by one thread, and that is " + owner.getName());
    }
  }
}
