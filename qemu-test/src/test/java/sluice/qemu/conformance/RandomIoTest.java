package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
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
  private static final int DEPTH = 24;
  private static final long LARGEST = 160 << 10;
  private static final int SLOT = 192 << 10;

  private enum Kind {
    WRITE,
    WRITE_FUA,
    READ,
    COMPARE,
    COMPARE_OTHER,
    ZERO,
    DEALLOCATE,
    FLUSH
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

  private Namespace namespace;
  private IoQueue queue;
  private DmaMemory memory;
  private int blockSize;

  /** Of each block the seed of its bytes. */
  private long[] model;

  private long nextTag = 1;

  @ParameterizedTest
  @EnumSource(names = {"BLOCKS_OF_512", "BLOCKS_OF_4096", "SMALL_TRANSFERS"})
  void whatIsReadIsWhatWasWrittenLast(TestDrive drive) {
    NvmeController controller = open(drive);
    namespace = controller.namespace(1);
    queue = controller.createIoQueue(DEPTH);
    memory = controller.dma().allocate((long) DEPTH * SLOT);
    blockSize = namespace.blockSize();
    model = new long[Math.toIntExact(namespace.blocks())];
    for (int i = 0; i < DEPTH; i++) {
      freeSlots.add(i);
    }
    zeroAll();
    for (int i = 0; i < REQUESTS; i++) {
      Deadline deadline = new Deadline("room for a request of random I/O with seed " + seed);
      while (!submitRandom()) {
        int _ = queue.poll(this::completed);
        deadline.check();
      }
      if (random.nextInt(4) == 0) {
        int _ = queue.poll(this::completed);
      }
    }
    finish();
    verifyAll();
  }

  private void finish() {
    Deadline deadline = new Deadline("what is outstanding of random I/O with seed " + seed);
    while (queue.outstanding() > 0) {
      int _ = queue.poll(this::completed);
      deadline.check();
    }
  }

  private void zeroAll() {
    long lba = 0;
    while (lba < namespace.blocks()) {
      long first = lba;
      int blocks = (int) Math.min(65_536, namespace.blocks() - lba);
      assertThat(queue.writeZeroes(namespace, first, blocks, true, nextTag)).isTrue();
      out.put(nextTag++, new Out(Kind.ZERO, first, blocks, freeSlots.remove(), 0));
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
    if (!submit(request, tag)) {
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

  private boolean submit(Out request, long tag) {
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
    if (request.kind == Kind.COMPARE_OTHER) {
      assertThat(StatusCode.of(status))
          .as("%s; seed %d", request, seed)
          .isEqualTo(StatusCode.COMPARE_FAILURE);
    } else {
      assertThat(status).as("%s: %s; seed %d", request, Status.format(status), seed).isZero();
    }
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
    freeSlots.add(request.slot);
  }

  /** Every rig's drive says that deallocated blocks read as zeros; see {@link #verifyAll}. */
  private long afterDeallocation(long before) {
    boolean zeros = (namespace.identify().dlfeat() & 7) == 1;
    return zeros ? Bytes.ZEROS : before;
  }

  private void verify(long at, int block, Object by) {
    assertThat(Bytes.mismatch(memory, at, blockSize, model[block]))
        .as("block %d, read by %s; seed %d", block, by, seed)
        .isEqualTo(Bytes.NONE);
  }

  private void verifyAll() {
    int most = SLOT / blockSize;
    for (long lba = 0; lba < namespace.blocks(); lba += most) {
      int blocks = (int) Math.min(most, namespace.blocks() - lba);
      assertThat(submit(new Out(Kind.READ, lba, blocks, 0, 0), nextTag)).isTrue();
      out.put(nextTag++, new Out(Kind.READ, lba, blocks, 0, 0));
      finish();
    }
  }
}
