package sluice.bench.anatomy;

import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import sluice.nvme.CompletionHandler;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.Status;
import sluice.support.memory.OffHeap;
import sluice.vfio.DeviceStamps;
import sluice.vfio.DmaMemory;

/** One drive under the knife: makes its single commands, and keeps their times. */
final class Subject implements CompletionHandler, AutoCloseable {
  private static final int DEPTH = 2;
  private static final long SEED = 4711;

  private final NvmeController controller;
  private final Namespace namespace;
  private final IoQueue queue;
  private final DmaMemory memory;
  private final DeviceStamps stamps;
  private final boolean writes;
  private final int blocks;
  private final long places;
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final Map<Step, long[]> times = new EnumMap<>(Step.class);
  private boolean completed;
  private int status;
  private long seen;

  /**
   * @param bytes per command, a multiple of the namespace's block size
   * @param count commands whose times are kept
   * @throws IllegalArgumentException if the namespace cannot have such commands
   */
  Subject(NvmeController controller, Namespace namespace, boolean writes, int bytes, int count) {
    this.controller = controller;
    this.namespace = namespace.requireUsable();
    this.writes = writes;
    if (bytes % namespace.blockSize() != 0 || bytes > namespace.bytes()) {
      throw new IllegalArgumentException(
          "%s: commands of %d bytes are not possible: its blocks have %d bytes, and it has %d"
              .formatted(controller.address(), bytes, namespace.blockSize(), namespace.bytes()));
    }
    this.blocks = bytes / namespace.blockSize();
    this.places = namespace.blocks() / blocks;
    this.stamps =
        PcieTransport.of(controller).flatMap(pcie -> pcie.function().stamps()).orElse(null);
    this.memory = controller.dma().allocate(bytes);
    this.queue = controller.createIoQueue(DEPTH);
    for (Step step : Step.values()) {
      if (tells(step)) {
        times.put(step, new long[count]);
      }
    }
    for (long offset = 0; offset < memory.size(); offset += Long.BYTES) {
      // Some drives have a short way for zeros.
      OffHeap.putLong(memory.address() + offset, random.nextLong());
    }
  }

  /**
   * One command, from before it is queued until its slot is free.
   *
   * @param index where its times are kept; negative for nowhere
   * @throws NvmeException if the drive fails it
   */
  void run(int index) {
    long lba = random.nextLong(places) * blocks;
    completed = false;
    long begin = System.nanoTime();
    boolean taken =
        writes
            ? queue.write(namespace, lba, blocks, memory, 0, 0)
            : queue.read(namespace, lba, blocks, memory, 0, 0);
    if (!taken) {
      throw new NvmeException(controller.address() + ": it was reset meanwhile");
    }
    long queued = System.nanoTime();
    queue.ring();
    long rung = System.nanoTime();
    while (!completed) {
      // Ends at the latest when the queue's own deadline for commands is over.
      int _ = queue.poll(this);
    }
    long released = System.nanoTime();
    if (status != 0) {
      throw new NvmeException(
          "%s: a command at block %d ended with %s"
              .formatted(controller.address(), lba, Status.format(status)));
    }
    if (index >= 0) {
      keep(index, begin, queued, rung, released);
    }
  }

  private void keep(int index, long begin, long queued, long rung, long released) {
    times.get(Step.QUEUE)[index] = queued - begin;
    times.get(Step.DOORBELL)[index] = rung - queued;
    times.get(Step.DEVICE)[index] = seen - rung;
    times.get(Step.RELEASE)[index] = released - seen;
    times.get(Step.TOTAL)[index] = released - begin;
    if (stamps != null) {
      // A drive with a thread of its own may fetch before this thread knows that it has rung.
      long fetched = Math.max(rung, stamps.fetchedNanos());
      long moved = Math.max(fetched, stamps.movedNanos());
      long posted = Math.max(moved, stamps.postedNanos());
      times.get(Step.FETCH)[index] = fetched - rung;
      times.get(Step.MOVE)[index] = moved - fetched;
      times.get(Step.POST)[index] = posted - moved;
      times.get(Step.NOTICE)[index] = Math.max(0, seen - posted);
    }
  }

  @Override
  public void completed(long tag, int ended) {
    seen = System.nanoTime();
    status = ended;
    completed = true;
  }

  String name() {
    return controller.address();
  }

  boolean tells(Step step) {
    return stamps != null || !step.deviceTells();
  }

  long[] times(Step step) {
    return times.get(step);
  }

  @Override
  public void close() {
    queue.close();
    controller.dma().free(memory);
  }
}
