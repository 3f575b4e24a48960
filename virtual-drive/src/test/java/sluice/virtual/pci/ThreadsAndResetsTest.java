package sluice.virtual.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.ControllerOptions;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.StatusCode;
import sluice.support.agent.IdleStrategy;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.personality.Personality;

/**
 * Threads with queues of their own on one controller, which is reset meanwhile, again and again:
 * each request is reported once, and a block has what was written to it last.
 */
@Timeout(120)
class ThreadsAndResetsTest {
  private static final int THREADS = 4;
  private static final int DEPTH = 8;
  private static final int BLOCK = 512;
  private static final int BLOCKS = 32;
  private static final int REQUESTS = 1500;
  private static final int RESETS = 15;
  private static final int ABORTED = StatusCode.ABORTED_BY_HOST.status();

  /** A thread's own blocks, memory and queue; a block has one request at a time. */
  private static final class Client implements Callable<Client> {
    private final NvmeController controller;
    private final Namespace namespace;
    private final DmaMemory memory;
    private final SplittableRandom random;
    private final int first;
    private final AtomicInteger working;
    private final Set<Integer> out = new HashSet<>();
    private final boolean[] isWrite = new boolean[BLOCKS];

    /** What a block may have: what was written last, and what was not reported as written. */
    private final List<Set<Long>> values = new ArrayList<>();

    private final long[] written = new long[BLOCKS];
    private final String what;
    private IoQueue queue;
    private long next = 1;
    int reported;
    int aborted;

    Client(NvmeController controller, int number, long seed, AtomicInteger working) {
      this.controller = controller;
      this.namespace = controller.namespace(1);
      this.memory = controller.dma().allocate(BLOCKS * BLOCK);
      this.random = new SplittableRandom(seed * THREADS + number);
      this.what = "seed " + seed + ", thread " + number;
      this.first = number * BLOCKS;
      this.working = working;
      for (int block = 0; block < BLOCKS; block++) {
        values.add(new HashSet<>(Set.of(0L)));
      }
    }

    @Override
    public Client call() {
      try {
        queue = controller.createIoQueue(DEPTH);
        for (int asked = 0; asked < REQUESTS; ) {
          asked += ask() ? 1 : 0;
          if (random.nextInt(4) == 0) {
            queue.poll(this::completed);
          }
          if (random.nextInt(500) == 0) {
            drain();
            queue.close();
            queue = controller.createIoQueue(DEPTH);
          }
        }
        drain();
        queue.close();
        return this;
      } finally {
        working.decrementAndGet();
      }
    }

    private void drain() {
      while (!out.isEmpty()) {
        queue.poll(this::completed);
      }
      assertThat(queue.outstanding()).as(what).isZero();
    }

    private boolean ask() {
      int block = random.nextInt(BLOCKS);
      if (out.contains(block)) {
        queue.poll(this::completed);
        return false;
      }
      long offset = (long) block * BLOCK;
      long at = memory.address() + offset;
      isWrite[block] = random.nextBoolean();
      boolean isTaken;
      if (isWrite[block]) {
        written[block] = next++;
        OffHeap.putLong(at, written[block]);
        OffHeap.putLong(at + BLOCK - Long.BYTES, written[block]);
        isTaken = queue.write(namespace, first + block, 1, memory, offset, block);
      } else {
        isTaken = queue.read(namespace, first + block, 1, memory, offset, block);
      }
      if (isTaken) {
        out.add(block);
      } else {
        queue.poll(this::completed);
      }
      return isTaken;
    }

    private void completed(long tag, int status) {
      int block = (int) tag;
      assertThat(out.remove(block)).as("%s: block %d is owed", what, block).isTrue();
      assertThat(status).as(what).isIn(0, ABORTED);
      reported++;
      aborted += status == 0 ? 0 : 1;
      Set<Long> may = values.get(block);
      if (isWrite[block]) {
        if (status == 0) {
          may.clear();
        }
        may.add(written[block]);
      } else if (status == 0) {
        long at = memory.address() + (long) block * BLOCK;
        long begin = OffHeap.getLong(at);
        assertThat(may).as("%s: block %d", what, block).contains(begin);
        assertThat(OffHeap.getLong(at + BLOCK - Long.BYTES)).as(what).isEqualTo(begin);
      }
    }
  }

  private static void resetWhile(NvmeController controller, AtomicInteger working, long seed)
      throws InterruptedException {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < RESETS && working.get() > 0; i++) {
      TimeUnit.MICROSECONDS.sleep(random.nextInt(5000));
      controller.reset();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void eachRequestIsReportedOnce(long seed) throws Exception {
    VirtualDrive drive =
        new VirtualDrive(
            new DriveSettings(), Personality.PLAIN, new MemoryBackend(1 << 20), System::nanoTime);
    VirtualFunction function =
        new VirtualFunction("virtual:threads", drive, IdleStrategy.backingOff());
    AtomicInteger working = new AtomicInteger(THREADS);
    try (NvmeController controller =
            PcieTransport.open(
                function, ControllerOptions.defaults().withIdle(IdleStrategy::backingOff));
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<Client>> clients = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        clients.add(threads.submit(new Client(controller, i, seed, working)));
      }
      resetWhile(controller, working, seed);
      int aborted = 0;
      for (Future<Client> client : clients) {
        assertThat(client.get().reported).isEqualTo(REQUESTS);
        aborted += client.get().aborted;
      }
      assertThat(aborted).as("requests that a reset has ended").isPositive();
    }
  }
}
