package sluice.recorder.volume;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.nvme.spec.Status;
import sluice.recorder.drive.DriveQueue;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.SealedBlock;
import sluice.recorder.format.Superblock;
import sluice.vfio.DmaMemory;

/**
 * A change of a catalogue entry, step by step: one copy, flush, the other copy, flush. Nothing
 * waits; the owner polls its queue and hands on what completes with {@link #TAG}.
 */
public final class CatalogueUpdate {
  /** The tag of its requests. */
  public static final long TAG = -100;

  private static final int RETRIES = 3;

  private enum Step {
    WRITE_FIRST,
    FLUSH_FIRST,
    WRITE_SECOND,
    FLUSH_SECOND,
    DONE
  }

  private final DriveQueue queue;
  private final Superblock superblock;
  private final DmaMemory memory;
  private final CatalogueEntry entry;
  private final int generation;
  private Step step = Step.WRITE_FIRST;
  private boolean outstanding;
  private int attempts;
  private int failure;

  /**
   * @param memory {@link SealedBlock#SIZE} bytes that belong to this update until it is done
   * @param generation the newest on the drive; the copies get the next two
   */
  public CatalogueUpdate(
      DriveQueue queue,
      Superblock superblock,
      DmaMemory memory,
      CatalogueEntry entry,
      int generation) {
    this.queue = queue;
    this.superblock = superblock;
    this.memory = memory;
    this.entry = entry;
    this.generation = generation;
  }

  /** The entry as it is being written. */
  public CatalogueEntry entry() {
    return entry;
  }

  /** The newest generation on the drive when it is done. */
  public int newGeneration() {
    return generation + 2;
  }

  /** Takes the next step if it can be taken now. */
  public int doWork() {
    if (outstanding || isDone() || hasFailed()) {
      return 0;
    }
    boolean submitted =
        switch (step) {
          case WRITE_FIRST -> write(generation + 1);
          case WRITE_SECOND -> write(generation + 2);
          default -> queue.flush(TAG);
        };
    outstanding = submitted;
    return submitted ? 1 : 0;
  }

  private boolean write(int newGeneration) {
    int copy = newGeneration % 2;
    MemorySegment payload = Arena.ofAuto().allocate(SealedBlock.PAYLOAD);
    entry.encode(payload, copy);
    SealedBlock.seal(payload, newGeneration, memory.segment());
    long address = superblock.catalogueAddress(entry.number(), copy);
    return queue.write(address, SealedBlock.SIZE, memory, 0, false, TAG);
  }

  /** To be called when a request of {@link #TAG} has completed. */
  public void completed(int status) {
    outstanding = false;
    if (status == 0) {
      step = after(step);
      attempts = 0;
    } else if (++attempts > RETRIES || !Status.isRetryable(status)) {
      failure = status;
    }
  }

  private static Step after(Step step) {
    return switch (step) {
      case WRITE_FIRST -> Step.FLUSH_FIRST;
      case FLUSH_FIRST -> Step.WRITE_SECOND;
      case WRITE_SECOND -> Step.FLUSH_SECOND;
      case FLUSH_SECOND -> Step.DONE;
      case DONE -> throw new IllegalStateException("nothing was outstanding");
    };
  }

  /** Whether both copies are durable. */
  public boolean isDone() {
    return step == Step.DONE;
  }

  public boolean hasFailed() {
    return failure != 0;
  }

  /** The status of the request that failed for good; 0 if none did. */
  public int failure() {
    return failure;
  }
}
