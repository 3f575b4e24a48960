package sluice.recorder.volume;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveQueue;
import sluice.nvme.drive.RetryRule;
import sluice.nvme.spec.StatusCode;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.SealedBlock;
import sluice.recorder.format.Superblock;
import sluice.vfio.DmaMemory;

/**
 * A change of a catalogue entry, step by step: flush; one copy, flush, read it back; the other
 * copy, flush, read it back. Nothing waits; the owner polls its queue and hands on what completes
 * with {@link #TAG}.
 *
 * <p>A copy is only written over while the other is known to be on the medium. So the first Flush:
 * the copy that the new one relies on may be in the drive's cache alone, after a process was
 * killed. And so the reading back: a place that does not keep what is written to it is no ground to
 * write over the other.
 */
public final class CatalogueUpdate {
  /** The tag of its requests. */
  public static final long TAG = -100;

  /** Bytes of memory that an update needs: what is written, and what is read back. */
  public static final int MEMORY_BYTES = 2 * SealedBlock.SIZE;

  private enum Step {
    FLUSH_BEFORE,
    WRITE_FIRST,
    FLUSH_FIRST,
    READ_FIRST,
    WRITE_SECOND,
    FLUSH_SECOND,
    READ_SECOND,
    DONE
  }

  private final Drive drive;
  private final DriveQueue queue;
  private final Superblock superblock;
  private final DmaMemory memory;
  private final CatalogueEntry entry;
  private final int generation;
  private final LongSupplier nanoClock;
  private Step step = Step.FLUSH_BEFORE;
  private boolean outstanding;
  private int failures;
  private long firstFailure;
  private long notBefore;
  private int failure;

  /**
   * @param memory {@link #MEMORY_BYTES} bytes that belong to this update until it is done
   * @param generation the newest that may be on the drive; the copies get the next two
   */
  public CatalogueUpdate(
      Drive drive,
      DriveQueue queue,
      Superblock superblock,
      DmaMemory memory,
      CatalogueEntry entry,
      int generation,
      LongSupplier nanoClock) {
    this.drive = drive;
    this.queue = queue;
    this.superblock = superblock;
    this.memory = memory;
    this.entry = entry;
    this.generation = generation;
    this.nanoClock = nanoClock;
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
    if (outstanding || isDone() || hasFailed() || isTooEarly()) {
      return 0;
    }
    boolean submitted =
        switch (step) {
          case WRITE_FIRST -> write(generation + 1);
          case READ_FIRST -> read(generation + 1);
          case WRITE_SECOND -> write(generation + 2);
          case READ_SECOND -> read(generation + 2);
          default -> queue.flush(TAG);
        };
    outstanding = submitted;
    return submitted ? 1 : 0;
  }

  private boolean isTooEarly() {
    return failures > 0 && nanoClock.getAsLong() - notBefore < 0;
  }

  private long address(int newGeneration) {
    return superblock.catalogueAddress(entry.number(), newGeneration % 2);
  }

  private boolean write(int newGeneration) {
    MemorySegment payload = Arena.ofAuto().allocate(SealedBlock.PAYLOAD);
    entry.encode(payload, newGeneration % 2);
    SealedBlock.seal(payload, newGeneration, memory.segment());
    return queue.write(address(newGeneration), SealedBlock.SIZE, memory, 0, false, TAG);
  }

  private boolean read(int newGeneration) {
    return queue.read(address(newGeneration), SealedBlock.SIZE, memory, SealedBlock.SIZE, TAG);
  }

  /** To be called when a request of {@link #TAG} has completed. */
  public void completed(int status) {
    outstanding = false;
    if (status == 0) {
      failures = 0;
      boolean isReadBack = step == Step.READ_FIRST || step == Step.READ_SECOND;
      if (isReadBack && !isKept()) {
        failure = StatusCode.COMPARE_FAILURE.status();
      } else {
        step = after(step);
      }
      return;
    }
    long now = nanoClock.getAsLong();
    firstFailure = failures++ == 0 ? now : firstFailure;
    long wait = RetryRule.waitNanos(drive, status, failures, now - firstFailure);
    if (wait == RetryRule.GIVE_UP) {
      failure = status;
    } else {
      notBefore = now + wait;
    }
  }

  private static Step after(Step step) {
    return switch (step) {
      case FLUSH_BEFORE -> Step.WRITE_FIRST;
      case WRITE_FIRST -> Step.FLUSH_FIRST;
      case FLUSH_FIRST -> Step.READ_FIRST;
      case READ_FIRST -> Step.WRITE_SECOND;
      case WRITE_SECOND -> Step.FLUSH_SECOND;
      case FLUSH_SECOND -> Step.READ_SECOND;
      case READ_SECOND -> Step.DONE;
      case DONE -> throw new IllegalStateException("nothing was outstanding");
    };
  }

  private boolean isKept() {
    MemorySegment all = memory.segment();
    return all.asSlice(0, SealedBlock.SIZE)
            .mismatch(all.asSlice(SealedBlock.SIZE, SealedBlock.SIZE))
        == -1;
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
