package sluice.nvme.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.spec.StatusCode;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/** Several threads with a queue each, while connections are reset at random moments. */
class ManyQueuesTest {
  private static final int THREADS = 3;
  private static final int LOSSES = 10;
  private static final int BYTES = 64 << 10;
  private static final long DEADLINE_NANOS = Duration.ofSeconds(60).toNanos();

  private final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger rounds = new AtomicInteger();
  private volatile boolean ended;

  /** A thread's requests, one at a time. */
  private static final class User {
    private final NvmeController controller;
    private final IoQueue queue;
    private final Namespace namespace;
    private final DmaMemory memory;
    private final long lba;
    private int status;

    User(NvmeController controller, int number) {
      this.controller = controller;
      this.queue = controller.createIoQueue(8);
      this.namespace = controller.namespace(1);
      this.memory = controller.dma().allocate(2L * BYTES);
      this.lba = (long) number * (BYTES / TestTarget.BLOCK);
      Random random = new Random(number);
      for (long i = 0; i < BYTES; i += Long.BYTES) {
        OffHeap.putLong(memory.address() + i, random.nextLong());
      }
    }

    /** Until it has been done, however often its connection is lost. */
    private void until(boolean writes) {
      long start = System.nanoTime();
      int aborted = StatusCode.ABORTED_BY_HOST.status();
      status = aborted;
      while (status != 0) {
        int blocks = BYTES / TestTarget.BLOCK;
        if (status == aborted
            && (writes
                ? queue.write(namespace, lba, blocks, memory, 0, 1)
                : queue.read(namespace, lba, blocks, memory, BYTES, 1))) {
          status = -1;
        }
        int _ = queue.poll((tag, its) -> status = its);
        assertThat(System.nanoTime() - start).as("%s", queue).isLessThan(DEADLINE_NANOS);
      }
    }

    void round() {
      until(true);
      until(false);
      assertThat(OffHeap.isEqual(memory.address(), memory.address() + BYTES, BYTES)).isTrue();
    }

    void close() {
      queue.close();
      controller.dma().free(memory);
    }
  }

  private void use(NvmeController controller, int number) {
    try {
      User user = new User(controller, number);
      while (!ended) {
        user.round();
        int _ = rounds.incrementAndGet();
      }
      user.close();
    } catch (RuntimeException | Error e) {
      failures.add(e);
    }
  }

  @Test
  void allRideThroughTheLossOfTheirConnections() throws IOException, InterruptedException {
    long seed = Long.getLong("sluice.seed", System.nanoTime());
    Random random = new Random(seed);
    TestTarget target = new TestTarget();
    try (NvmeController controller =
        Drives.open(
            DriveAddress.parse(target.address() + "?kato=0s&fence=0s"),
            ControllerOptions.defaults().withIoTimeout(Duration.ofSeconds(5)))) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int number = i;
        threads.add(Thread.ofPlatform().start(() -> use(controller, number)));
      }
      for (int loss = 0; loss < LOSSES && failures.isEmpty(); loss++) {
        int wanted = rounds.get() + 1 + random.nextInt(20);
        long start = System.nanoTime();
        while (rounds.get() < wanted && failures.isEmpty()) {
          assertThat(System.nanoTime() - start).as("seed %d", seed).isLessThan(DEADLINE_NANOS);
          Thread.onSpinWait();
        }
        target.resetConnections();
      }
      ended = true;
      for (Thread thread : threads) {
        thread.join();
      }
    } finally {
      target.failures.clear();
      target.close();
    }
    assertThat(failures).as("seed %d", seed).isEmpty();
    assertThat(target.associations.get()).as("seed %d", seed).isGreaterThan(1);
  }
}
