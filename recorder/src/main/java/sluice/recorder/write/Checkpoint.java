package sluice.recorder.write;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveQueue;
import sluice.nvme.drive.Retry;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.SealedBlock;
import sluice.recorder.format.Superblock;
import sluice.vfio.DmaMemory;

/**
 * Notes in the open entry of the catalogue, every 2 seconds, how much of the recording is durable:
 * so that damage to its index cannot be taken for the end that a crash has left.
 *
 * <p>It needs no Flush of its own. A note goes to one copy of the entry, and the next one to the
 * other only when a Flush that the recording made anyway was requested after the first had
 * completed. What is left out of the index is noted at once, and nothing behind it counts as
 * durable before that. Used by the writer's thread; a note allocates a few kilobytes.
 */
final class Checkpoint implements Notes {
  /** Bytes of memory that it needs. */
  static final int MEMORY_BYTES = SealedBlock.SIZE;

  private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(2);

  private enum State {
    /** Nothing to do until the next note is due. */
    IDLE,
    /** A Flush is being waited for that makes durable what the note will say. */
    AIMED,
    /** The note is to be written. */
    WRITE,
    /** On its way. */
    WRITING,
    /** Written; no Flush was requested since. */
    WRITTEN,
    /** A Flush that makes it durable is on its way. */
    COVERED,
    /** A copy could not be written: the other one is not touched any more. */
    OFF
  }

  private final Drive drive;
  private final DriveQueue queue;
  private final Superblock layout;
  private final CatalogueEntry open;
  private final DmaMemory block;
  private final boolean durable;
  private final LongSupplier clock;
  private final MemorySegment payload = Arena.ofAuto().allocate(SealedBlock.PAYLOAD);
  private final Retry retry = new Retry();
  private State state = State.IDLE;
  private WriterResult aim;

  /** Pieces of the index left out, as the newest note says, and as one says that is durable. */
  private List<Integer> pending;

  private List<Integer> noted;
  private int failure;
  private int generation;
  private long notBefore;

  /**
   * @param block {@link #MEMORY_BYTES} bytes
   * @param generation of the entry on the drive
   * @param durable whether each write is durable when it completes
   */
  Checkpoint(
      Drive drive,
      DriveQueue queue,
      Superblock layout,
      CatalogueEntry open,
      DmaMemory block,
      int generation,
      boolean durable,
      LongSupplier clock) {
    this.drive = drive;
    this.queue = queue;
    this.layout = layout;
    this.open = open;
    this.block = block;
    this.generation = generation;
    this.durable = durable;
    this.clock = clock;
    this.pending = open.index().leftOut();
    this.noted = pending;
    this.notBefore = clock.getAsLong();
    open.encode(payload, 0);
  }

  @Override
  public void aim(Supplier<WriterResult> now) {
    if (state == State.IDLE && clock.getAsLong() - notBefore >= 0) {
      aim = now.get();
      state = State.AIMED;
    }
  }

  @Override
  public void reached() {
    if (state == State.AIMED) {
      CatalogueEntry.note(
          payload,
          (generation + 1) % 2,
          aim.indexEntries(),
          aim.chain(),
          aim.totals(),
          aim.highWaterBytes(),
          aim.pauses());
      SealedBlock.seal(payload, generation + 1, block.segment());
      aim = null;
      retry.reset();
      state = State.WRITE;
    }
  }

  @Override
  public boolean isNoted(List<Integer> leftOut) {
    return noted.equals(leftOut);
  }

  @Override
  public boolean note(List<Integer> leftOut, long entries) {
    switch (state) {
      case IDLE, AIMED, WRITE -> {
        if (state != State.WRITE || !pending.equals(leftOut)) {
          CatalogueEntry.noteIndex(payload, (generation + 1) % 2, entries, leftOut);
          SealedBlock.seal(payload, generation + 1, block.segment());
          pending = leftOut;
          aim = null;
          retry.reset();
          state = State.WRITE;
        }
      }
      case WRITTEN -> {
        return true;
      }
      case WRITING, COVERED, OFF -> {}
    }
    return false;
  }

  @Override
  public boolean isOff() {
    return state == State.OFF;
  }

  @Override
  public int failure() {
    return failure;
  }

  @Override
  public void flushRequested() {
    if (state == State.WRITTEN) {
      state = State.COVERED;
    }
  }

  @Override
  public void flushed() {
    if (state == State.COVERED) {
      rest();
    }
  }

  private void rest() {
    noted = pending;
    state = State.IDLE;
    notBefore = clock.getAsLong() + EVERY_NANOS;
  }

  @Override
  public int doWork() {
    if (state != State.WRITE || !retry.isDue(clock.getAsLong())) {
      return 0;
    }
    long address = layout.catalogueAddress(open.number(), (generation + 1) % 2);
    if (!queue.write(address, SealedBlock.SIZE, block, 0, durable, Request.NOTE.tag())) {
      return 0;
    }
    state = State.WRITING;
    return 1;
  }

  @Override
  public void completed(int status) {
    if (status == 0) {
      generation++;
      state = State.WRITTEN;
      if (durable) {
        rest();
      }
    } else if (retry.failed(drive, status, clock.getAsLong())) {
      state = State.WRITE;
    } else {
      // It may be there in part. What is written there next must not be of the same generation.
      generation += 2;
      failure = status;
      state = State.OFF;
    }
  }

  @Override
  public boolean isSettled() {
    return state != State.WRITING;
  }

  @Override
  public int generation() {
    return generation;
  }
}
