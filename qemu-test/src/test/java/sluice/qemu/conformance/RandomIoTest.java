package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.spec.Status;
import sluice.nvme.spec.StatusCode;
import sluice.vfio.DmaMemory;

/**
 * Random I/O against a model that knows of each block what was last written to it. The seed is in
 * every failure's message; {@code -Dsluice.seed=N} runs it again.
 */
class RandomIoTest extends ConformanceTest {
  private static final int REQUESTS = 3000;
  private static final int QUEUES = 2;
  private static final int DEPTH = 12;
  private static final long LARGEST = 160 << 10;
  private static final int SLOT = 192 << 10;

  /** In the model: a write was aborted, so that the block may hold anything. */
  private static final long UNKNOWN = -1;

  private enum Kind {
    WRITE(true),
    WRITE_FUA(true),
    READ(false),
    COMPARE(false),
    COMPARE_OTHER(false),
    ZERO(true),
    DEALLOCATE(true),
    FLUSH(false);

    private final boolean writes;

    Kind(boolean writes) {
      this.writes = writes;
    }
  }

  /** A request that is out, with the place of its data in memory. */
  private record Out(Kind kind, long lba, int blocks, int slot, long offset) {
    boolean overlaps(long otherLba, int otherBlocks) {
      return lba < otherLba + otherBlocks && otherLba < lba + blocks;
    }
  }

  private final long seed = Long.getLong("sluice.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Map<Long, Out> out = new HashMap<>();
  private final Deque<Integer> freeSlots = new ArrayDeque<>();

  private NvmeController controller;
  private Namespace namespace;
  private final List<IoQueue> queues = new ArrayList<>();
  private DmaMemory memory;
  private int blockSize;

  /** Of each block the seed of its bytes, or {@link #UNKNOWN}. */
  private long[] model;

  private long nextTag = 1;
  private boolean mayBeAborted;

  @ParameterizedTest
  @CsvSource({
    "BLOCKS_OF_512, 0",
    "BLOCKS_OF_4096, 0",
    "SMALL_TRANSFERS, 0",
    "BLOCKS_OF_512, 8",
    "SMALL_TRANSFERS, 8",
  })
  void whatIsReadIsWhatWasWrittenLast(TestDrive drive, int resets) {
    controller = open(drive);
    namespace = controller.namespace(1);
    memory = controller.dma().allocate((long) QUEUES * DEPTH * SLOT);
    blockSize = namespace.blockSize();
    model = new long[Math.toIntExact(namespace.blocks())];
    for (int i = 0; i < QUEUES; i++) {
      queues.add(controller.createIoQueue(DEPTH));
    }
    for (int i = 0; i < QUEUES * DEPTH; i++) {
      freeSlots.add(i);
    }
    zeroAll();
    for (int i = 1; i <= REQUESTS; i++) {
      Deadline deadline = new Deadline("room for a request of random I/O with seed " + seed);
      while (!submitRandom()) {
        poll();
        deadline.check();
      }
      if (random.nextInt(4) == 0) {
        queues.forEach(queue -> queue.poll(this::completed));
      }
      if (resets > 0 && i % (REQUESTS / resets) == 0) {
        mayBeAborted = true;
        if (rig instanceof GuestRig) {
          finishWhatCrashesQemu();
        }
        queues.forEach(IoQueue::ring);
        controller.reset();
      }
    }
    finish();
    verifyAll();
  }

  private void poll() {
    for (IoQueue queue : queues) {
      int _ = turn(queue, this::completed);
    }
  }

  /**
   * QEMU 7.2 with a virtual IOMMU now and then ends with a segmentation fault when its controller
   * is reset by a guest while anything but reads is out: it completes a command (in
   * nvme_rw_complete_cb) whose queue the reset has freed. With reads alone that was never seen, nor
   * by way of qtest.
   */
  private void finishWhatCrashesQemu() {
    Deadline deadline = new Deadline("the end of all but reads, seed " + seed);
    while (out.values().stream().anyMatch(each -> each.kind != Kind.READ)) {
      poll();
      deadline.check();
    }
  }

  private void finish() {
    Deadline deadline = new Deadline("what is outstanding of random I/O with seed " + seed);
    while (!out.isEmpty()) {
      poll();
      deadline.check();
    }
  }

  private void zeroAll() {
    long lba = 0;
    while (lba < namespace.blocks()) {
      long first = lba;
      int blocks = (int) Math.min(65_536, namespace.blocks() - lba);
      Out request = new Out(Kind.ZERO, first, blocks, freeSlots.remove(), 0);
      assertThat(submit(queues.getFirst(), request, nextTag)).isTrue();
      out.put(nextTag++, request);
      lba += blocks;
    }
    finish();
  }

  /** Makes up a request; false if there is no room for it, or what it touches is in use. */
  private boolean submitRandom() {
    if (freeSlots.isEmpty()) {
      return false;
    }
    Kind kind = randomKind();
    int most = (int) (LARGEST / blockSize);
    // Most requests are small; some are larger than what the drive takes at once.
    int blocks = 1 + random.nextInt(random.nextInt(8) == 0 ? most : Math.min(16, most));
    // Half of them crowd together, so that they meet what others left.
    long range = random.nextBoolean() ? 1000 : namespace.blocks();
    long lba = random.nextLong(range - Math.min(blocks, range - 1));
    blocks = (int) Math.min(blocks, namespace.blocks() - lba);
    for (Out each : out.values()) {
      if (each.overlaps(lba, blocks)) {
        return false;
      }
    }
    Out request = new Out(kind, lba, blocks, freeSlots.peek(), randomOffset());
    long tag = nextTag;
    if (!submit(queues.get(random.nextInt(QUEUES)), request, tag)) {
      return false;
    }
    nextTag++;
    out.put(tag, request);
    int _ = freeSlots.remove();
    return true;
  }

  private Kind randomKind() {
    int dice = random.nextInt(100);
    return dice < 40
        ? Kind.WRITE
        : dice < 45
            ? Kind.WRITE_FUA
            : dice < 75
                ? Kind.READ
                : dice < 82
                    ? Kind.COMPARE
                    : dice < 87
                        ? Kind.COMPARE_OTHER
                        : dice < 94 ? Kind.ZERO : dice < 98 ? Kind.DEALLOCATE : Kind.FLUSH;
  }

  private long randomOffset() {
    return random.nextBoolean() ? 0 : 4L * random.nextInt(4096);
  }

  private boolean submit(IoQueue queue, Out request, long tag) {
    long lba = request.lba;
    int blocks = request.blocks;
    long at = (long) request.slot * SLOT + request.offset;
    return switch (request.kind) {
      case WRITE, WRITE_FUA -> {
        for (int i = 0; i < blocks; i++) {
          Bytes.fill(memory, at + (long) i * blockSize, blockSize, newSeed(tag, i));
        }
        yield request.kind == Kind.WRITE
            ? queue.write(namespace, lba, blocks, memory, at, tag)
            : queue.writeFua(namespace, lba, blocks, memory, at, tag);
      }
      case READ -> {
        memory.segment().asSlice(at, (long) blocks * blockSize).fill((byte) 0xa5);
        yield queue.read(namespace, lba, blocks, memory, at, tag);
      }
      case COMPARE, COMPARE_OTHER -> {
        for (int i = 0; i < blocks; i++) {
          Bytes.fill(memory, at + (long) i * blockSize, blockSize, model[(int) lba + i]);
        }
        if (request.kind == Kind.COMPARE_OTHER) {
          // The last block differs, so that it is not enough to look at the first.
          long last = at + (blocks - 1L) * blockSize;
          Bytes.fill(memory, last, blockSize, newSeed(tag, 0));
        }
        yield queue.compare(namespace, lba, blocks, memory, at, tag);
      }
      case ZERO -> queue.writeZeroes(namespace, lba, blocks, (tag & 1) == 0, tag);
      case DEALLOCATE -> queue.deallocate(namespace, lba, blocks, tag);
      case FLUSH -> queue.flush(namespace, tag);
    };
  }

  private static long newSeed(long tag, int block) {
    return tag << 20 | block + 1;
  }

  private void completed(long tag, int status) {
    Out request = out.remove(tag);
    assertThat(request).as("tag %d is out; seed %d", tag, seed).isNotNull();
    freeSlots.add(request.slot);
    if (mayBeAborted && Status.is(status, StatusCode.ABORTED_BY_HOST)) {
      aborted(request);
      return;
    }
    assertEnded(request, status);
    long at = (long) request.slot * SLOT + request.offset;
    for (int i = 0; i < request.blocks; i++) {
      int block = (int) request.lba + i;
      switch (request.kind) {
        case WRITE, WRITE_FUA -> model[block] = newSeed(tag, i);
        case READ -> verify(at + (long) i * blockSize, block, request);
        case ZERO -> model[block] = Bytes.ZEROS;
        case DEALLOCATE -> model[block] = afterDeallocation(model[block]);
        default -> {}
      }
    }
  }

  /** It may have happened or not, block by block. Nothing of it can happen from now on. */
  private void aborted(Out request) {
    if (request.kind.writes) {
      int first = (int) request.lba;
      Arrays.fill(model, first, first + request.blocks, UNKNOWN);
    }
  }

  private void assertEnded(Out request, int status) {
    if (request.kind == Kind.COMPARE && isPartlyUnknown(request)) {
      assertThat(StatusCode.of(status))
          .as("%s; seed %d", request, seed)
          .isIn(StatusCode.SUCCESS, StatusCode.COMPARE_FAILURE);
    } else {
      boolean differs = request.kind == Kind.COMPARE_OTHER;
      assertThat(StatusCode.of(status))
          .as("%s: %s; seed %d", request, Status.format(status), seed)
          .isEqualTo(differs ? StatusCode.COMPARE_FAILURE : StatusCode.SUCCESS);
    }
  }

  private boolean isPartlyUnknown(Out request) {
    int first = (int) request.lba;
    return Arrays.stream(model, first, first + request.blocks).anyMatch(known -> known == UNKNOWN);
  }

  /** Every rig's drive says that deallocated blocks read as zeros; see {@link #verifyAll}. */
  private long afterDeallocation(long before) {
    boolean zeros = (namespace.identify().dlfeat() & 7) == 1;
    return zeros ? Bytes.ZEROS : before;
  }

  private void verify(long at, int block, Object by) {
    if (model[block] == UNKNOWN) {
      return;
    }
    assertThat(Bytes.mismatch(memory, at, blockSize, model[block]))
        .as("block %d, read by %s; seed %d", block, by, seed)
        .isEqualTo(Bytes.NONE);
  }

  private void verifyAll() {
    int most = SLOT / blockSize;
    for (long lba = 0; lba < namespace.blocks(); lba += most) {
      int blocks = (int) Math.min(most, namespace.blocks() - lba);
      Out request = new Out(Kind.READ, lba, blocks, 0, 0);
      Deadline deadline = new Deadline("room to verify with seed " + seed);
      while (!submit(queues.getFirst(), request, nextTag)) {
        poll();
        deadline.check();
      }
      out.put(nextTag++, request);
      finish();
    }
  }
}
