package sluice.bench.pass;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.load.BlockCheck;
import sluice.bench.result.Pauses;
import sluice.bench.result.Stalls;
import sluice.bench.run.PauseMeter;
import sluice.nvme.CompletionHandler;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.spec.Status;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/**
 * Writes or reads a part of a drive, one chunk after the other, so many of them out at a time, on a
 * queue of its own. Used by one thread, but for {@link #stop}. Allocates nothing per chunk.
 */
public final class Pass implements CompletionHandler, AutoCloseable {
  private static final long SEED = 4711;
  private static final int PAGE = 4096;
  private static final long WAIT_NANOS = 1_000_000;

  private final NvmeController controller;
  private final Namespace drive;
  private final LongSupplier clock;
  private final IoQueue queue;
  private final DmaMemory memory;
  private final ByteBuffer[] buffers;
  private final BlockCheck check;
  private final PauseMeter pauses;
  private final int chunk;
  private final int stride;
  private final int depth;
  private final long[] places;
  private final int[] free;
  private int freeCount;
  private volatile boolean stopping;

  // Of the run that goes on.
  private Progress progress;
  private boolean isMarked;
  private boolean reads;
  private boolean looked;
  private int arrived;
  private long now;
  private long end;
  private long done;
  private int failure;
  private long failedAt;
  private long different;
  private String firstDifference = "";

  /** Told what is done. */
  @FunctionalInterface
  public interface Progress {
    /**
     * A chunk is done.
     *
     * @param bytes that are done of the run
     * @param now by the clock
     */
    void done(long bytes, long now);
  }

  /**
   * A part of a drive, and what is done there.
   *
   * @param reads else it is written
   * @param isMarked whether the data says where it belongs: it is made for each write, and each
   *     byte of a read is checked; else any data will do
   * @param from its first byte, a multiple of the chunk
   * @param bytes a multiple of the drive's blocks
   */
  public record Part(boolean reads, boolean isMarked, long from, long bytes) {}

  /**
   * @param chunk bytes of each command, a multiple of the drive's blocks
   * @param depth how many are out at a time
   * @param pauseNanos how long a silence of the drive is a pause
   * @param clock nanoseconds that only go up
   * @throws IllegalArgumentException if the drive cannot have such commands
   */
  public Pass(
      NvmeController controller,
      Namespace drive,
      int chunk,
      int depth,
      long pauseNanos,
      LongSupplier clock) {
    requirePossible(controller, drive, chunk, depth);
    this.controller = controller;
    this.drive = drive.requireUsable();
    this.clock = clock;
    this.chunk = chunk;
    this.depth = depth;
    this.stride = Math.ceilDiv(chunk, PAGE) * PAGE;
    this.pauses = new PauseMeter(pauseNanos, controller.transport()::stalledNanos);
    this.check =
        new BlockCheck(
            CommandLineJobs.read(
                    List.of(
                        "--rw=write",
                        "--bs=" + chunk,
                        "--verify=crc32c",
                        "--verify_interval=" + PAGE))
                .jobs()
                .getFirst());
    this.places = new long[depth];
    this.free = new int[depth];
    this.buffers = new ByteBuffer[depth];
    this.memory = controller.dma().allocate((long) depth * stride);
    this.queue = controller.createIoQueue(depth);
    for (int slot = 0; slot < depth; slot++) {
      buffers[slot] = memory.segment().asSlice((long) slot * stride, stride).asByteBuffer();
    }
    SplittableRandom random = new SplittableRandom(SEED);
    for (long at = 0; at < memory.size(); at += Long.BYTES) {
      // Some drives have a short way for zeros.
      OffHeap.putLong(memory.address() + at, random.nextLong());
    }
  }

  private static void requirePossible(
      NvmeController controller, Namespace drive, int chunk, int depth) {
    if (chunk < 1 || chunk % drive.blockSize() != 0 || chunk > drive.bytes()) {
      throw new IllegalArgumentException(
          "%s: chunks of %d bytes are not possible: its blocks have %d bytes, and it has %d"
              .formatted(controller.address(), chunk, drive.blockSize(), drive.bytes()));
    }
    if (depth < 1 || depth > controller.maxQueueDepth()) {
      throw new IllegalArgumentException(
          "%s: 1 to %d chunks can be out at a time, not %d"
              .formatted(controller.address(), controller.maxQueueDepth(), depth));
    }
  }

  /** Ends a run before its time: what is out is waited for. From any thread. */
  public void stop() {
    stopping = true;
  }

  /**
   * Goes through a part.
   *
   * @param listener told of each chunk
   * @return how many bytes are done: all, unless it was stopped
   * @throws NvmeException if the drive fails a command, saying where
   */
  public long run(Part part, Progress listener) {
    begin(part, listener);
    long next = part.from();
    long last = part.from() + part.bytes();
    boolean wasIdle = true;
    while (freeCount < depth || (next < last && failure == 0 && !stopping)) {
      int found = poll();
      boolean issued = false;
      while (freeCount > 0 && next < last && failure == 0 && !stopping) {
        int length = (int) Math.min(chunk, last - next);
        if (!submit(next, length)) {
          break;
        }
        next += length;
        issued = true;
      }
      if (issued) {
        queue.ring();
        if (wasIdle) {
          now = clock.getAsLong();
          pauses.look(now);
          pauses.awake(now);
        }
        wasIdle = false;
      } else if (found == 0) {
        idle();
      }
    }
    end = now;
    if (failure != 0) {
      throw new NvmeException(
          "%s: a %s of at most %d bytes at byte %d failed: %s"
              .formatted(
                  controller.address(),
                  part.reads() ? "read" : "write",
                  chunk,
                  failedAt,
                  Status.format(failure)));
    }
    return done;
  }

  private void begin(Part part, Progress listener) {
    progress = listener;
    isMarked = part.isMarked();
    reads = part.reads();
    done = 0;
    failure = 0;
    different = 0;
    firstDifference = "";
    freeCount = 0;
    for (int slot = depth - 1; slot >= 0; slot--) {
      free[freeCount++] = slot;
    }
    now = clock.getAsLong();
    end = now;
    pauses.begin(now);
  }

  private boolean submit(long place, int length) {
    int slot = free[freeCount - 1];
    long lba = place >>> drive.blockShift();
    int blocks = length >>> drive.blockShift();
    long offset = (long) slot * stride;
    if (!reads && isMarked) {
      check.write(buffers[slot], memory.address() + offset, length, place, 0);
    }
    boolean taken =
        reads
            ? queue.read(drive, lba, blocks, memory, offset, tag(slot, length))
            : queue.write(drive, lba, blocks, memory, offset, tag(slot, length));
    if (taken) {
      places[slot] = place;
      freeCount--;
    }
    return taken;
  }

  private static long tag(int slot, int length) {
    return (long) length << Integer.SIZE | slot;
  }

  private int poll() {
    looked = false;
    arrived = 0;
    queue.poll(this);
    if (arrived > 0) {
      pauses.completed(arrived, now);
    } else {
      pauses.foundNothing();
      now = clock.getAsLong();
      pauses.look(now);
    }
    return arrived;
  }

  private void idle() {
    if (queue.canWait()) {
      boolean _ = queue.await(WAIT_NANOS);
      pauses.slept(WAIT_NANOS);
    } else {
      Thread.onSpinWait();
    }
  }

  @Override
  public void completed(long tag, int status) {
    if (!looked) {
      now = clock.getAsLong();
      pauses.look(now);
      looked = true;
    }
    arrived++;
    int slot = (int) tag;
    int length = (int) (tag >>> Integer.SIZE);
    if (status != 0 && failure == 0) {
      failure = status;
      failedAt = places[slot];
    } else if (status == 0) {
      if (reads && isMarked) {
        check(slot, length);
      }
      done += length;
      progress.done(done, now);
    }
    free[freeCount++] = slot;
  }

  private void check(int slot, int length) {
    long address = memory.address() + (long) slot * stride;
    int failures = check.check(buffers[slot], address, length, places[slot], BlockCheck.ANY_NUMBER);
    if (failures > 0 && different == 0) {
      firstDifference = check.difference();
    }
    different += failures;
  }

  /** When the last run saw its last chunk done, by the clock. */
  public long endNanos() {
    return end;
  }

  /** In how many blocks the last run read what is not as it was written. */
  public long differentBlocks() {
    return different;
  }

  /** The first of them, in a line; empty without one. */
  public String firstDifference() {
    return firstDifference;
  }

  /**
   * The pauses of the last run.
   *
   * @param bytesPerSecond its rate
   */
  public Pauses pauses(double bytesPerSecond) {
    return pauses.pauses(bytesPerSecond);
  }

  /** The times of the last run in which this machine did not look. */
  public Stalls stalls() {
    return pauses.stalls();
  }

  /** Deletes the queue, then frees its memory. */
  @Override
  public void close() {
    queue.close();
    controller.dma().free(memory);
  }
}
