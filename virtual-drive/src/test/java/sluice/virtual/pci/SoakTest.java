package sluice.virtual.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.Drives;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/**
 * The driver's queue at full depth against the drive, mostly on a thread of its own, while memory
 * is mapped and unmapped: every read shows what the last write to its blocks wrote.
 */
class SoakTest {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int REQUESTS = 6_000;
  private static final int DEPTH = 15;
  private static final int EXTENTS = 256;
  private static final int EXTENT_BYTES = 16 << 10;

  private final long seed = 5;
  private final SplittableRandom random = new SplittableRandom(seed);
  private final int[] model = new int[EXTENTS];
  private final int[] extentOfSlot = new int[DEPTH];
  private final int[] valueOfSlot = new int[DEPTH];
  private final boolean[] isRead = new boolean[DEPTH];
  private final BitSet busyExtents = new BitSet();
  private final Deque<Integer> freeSlots = new ArrayDeque<>();
  private DmaMemory memory;
  private int completed;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "thread=shared&mqes=16",
        "thread=own&mqes=16",
        "thread=own&mqes=16&shadow=yes",
        "thread=own&mdts=1&lba=4096",
        "thread=own&latency=3us&bandwidth=10GB/s",
        "thread=own&shadow=yes&latency=2us&pause=200us&every=2ms&jitter=30%"
      })
  void readsShowWhatWasWritten(String options) {
    try (NvmeController controller = Drives.open("virtual:memory?size=16M&" + options)) {
      Namespace namespace = controller.namespace(1);
      memory = controller.dma().allocate((long) DEPTH * EXTENT_BYTES);
      for (int i = 0; i < DEPTH; i++) {
        freeSlots.add(i);
      }
      try (IoQueue queue = controller.createIoQueue(DEPTH)) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        int started = 0;
        while (completed < REQUESTS) {
          assertThat(System.nanoTime()).as("%d completed", completed).isLessThan(deadline);
          while (started < REQUESTS && start(queue, namespace)) {
            started++;
          }
          if (queue.poll(this::completed) == 0) {
            Thread.onSpinWait();
          }
          if (started % 500 == 0) {
            controller.dma().free(controller.dma().allocate(8192));
          }
        }
      }
    }
  }

  private boolean start(IoQueue queue, Namespace namespace) {
    Integer slot = freeSlots.peek();
    int extent = random.nextInt(EXTENTS);
    if (slot == null || busyExtents.get(extent)) {
      return false;
    }
    boolean read = random.nextInt(3) == 0;
    int value = random.nextInt();
    int blocks = EXTENT_BYTES / namespace.blockSize();
    long offset = (long) slot * EXTENT_BYTES;
    if (!read) {
      for (int i = 0; i < EXTENT_BYTES; i += 512) {
        OffHeap.putInt(memory.address() + offset + i, value + i);
      }
    }
    long lba = (long) extent * blocks;
    boolean accepted =
        read
            ? queue.read(namespace, lba, blocks, memory, offset, slot)
            : queue.write(namespace, lba, blocks, memory, offset, slot);
    if (accepted) {
      freeSlots.remove();
      extentOfSlot[slot] = extent;
      valueOfSlot[slot] = value;
      isRead[slot] = read;
      busyExtents.set(extent);
    }
    return accepted;
  }

  private void completed(long tag, int status) {
    int slot = (int) tag;
    int extent = extentOfSlot[slot];
    assertThat(status).isZero();
    if (isRead[slot]) {
      for (int i = 0; i < EXTENT_BYTES; i += 512) {
        int expected = model[extent] == 0 ? 0 : model[extent] + i;
        assertThat(OffHeap.getInt(memory.address() + (long) slot * EXTENT_BYTES + i))
            .as("seed %d, request %d, extent %d, byte %d", seed, completed, extent, i)
            .isEqualTo(expected);
      }
    } else {
      model[extent] = valueOfSlot[slot];
    }
    busyExtents.clear(extent);
    freeSlots.add(slot);
    completed++;
  }
}
