package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.vfio.DmaMemory;

/** Queues of every size and number, and what goes around in them. */
class QueueTest extends ConformanceTest {
  private static final int DEEPEST = 0;

  @ParameterizedTest
  @CsvSource({
    "1, 300",
    "2, 300",
    "3, 400",
    "4, 400",
    "7, 700",
    "8, 700",
    "63, 700",
    "64, 700",
    "255, 1200",
    "256, 1200",
    DEEPEST + ", 5000"
  })
  void everyDepthGoesAroundManyTimes(int wanted, int requests) {
    NvmeController controller = open(TestDrive.BLOCKS_OF_512);
    int depth = wanted == DEEPEST ? controller.maxQueueDepth() : wanted;
    Pump pump = pump(controller, depth);
    IoQueue queue = pump.queue();
    Namespace namespace = controller.namespace(1);
    DmaMemory memory = controller.dma().allocate(depth * 512L);
    Bytes.fill(memory, 0, memory.size(), depth);
    int most = 0;
    for (int i = 0; i < requests; i++) {
      int slot = i % depth;
      int tag = i;
      pump.submit(() -> queue.write(namespace, slot, 1, memory, slot * 512L, tag));
      most = Math.max(most, queue.outstanding());
    }
    pump.finish();
    assertThat(pump.takeSuccesses()).isEqualTo(requests);
    assertThat(most).as("as many were outstanding as the depth says").isEqualTo(depth);
    assertReads(pump, namespace, memory, depth);
  }

  private static void assertReads(Pump pump, Namespace namespace, DmaMemory memory, int depth) {
    long seed = depth;
    memory.segment().fill((byte) 0);
    for (int i = 0; i < depth; i++) {
      int slot = i;
      pump.submit(() -> pump.queue().read(namespace, slot, 1, memory, slot * 512L, slot));
    }
    pump.finish();
    assertThat(pump.takeSuccesses()).isEqualTo(depth);
    assertThat(Bytes.mismatch(memory, 0, memory.size(), seed)).isEqualTo(Bytes.NONE);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void smallRingsGoAroundThousandsOfTimes(boolean shadowDoorbells) {
    NvmeController controller =
        open(TestDrive.BLOCKS_OF_512, options().withShadowDoorbells(shadowDoorbells));
    Namespace namespace = controller.namespace(1);
    DmaMemory memory = controller.dma().allocate(4096);
    for (int depth = 1; depth <= 3; depth++) {
      Pump pump = pump(controller, depth);
      for (int i = 0; i < 2000; i++) {
        int tag = i;
        pump.submit(() -> pump.queue().read(namespace, 7, 1, memory, 0, tag));
      }
      pump.finish();
      assertThat(pump.takeSuccesses()).isEqualTo(2000);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"BLOCKS_OF_512", "FEW_QUEUES"})
  void allQueuesWorkAtTheSameTime(TestDrive drive) {
    NvmeController controller = open(drive);
    Namespace namespace = controller.namespace(1);
    DmaMemory memory = controller.dma().allocate(controller.maxIoQueues() * 4096L);
    List<Pump> pumps = new ArrayList<>();
    for (int i = 0; i < controller.maxIoQueues(); i++) {
      pumps.add(pump(controller, 4));
    }
    for (int round = 0; round < 8; round++) {
      for (int i = 0; i < pumps.size(); i++) {
        IoQueue queue = pumps.get(i).queue();
        long offset = i * 4096L;
        int tag = round;
        Bytes.fill(memory, offset, 4096, i + 1);
        pumps.get(i).submit(() -> queue.write(namespace, offset / 512, 8, memory, offset, tag));
        queue.ring();
      }
    }
    for (Pump pump : pumps) {
      pump.finish();
      assertThat(pump.takeSuccesses()).isEqualTo(8);
    }
    memory.segment().fill((byte) 0);
    for (int i = 0; i < pumps.size(); i++) {
      long offset = i * 4096L;
      // Each by another queue than the one that wrote it.
      Pump pump = pumps.get((i + 1) % pumps.size());
      pump.succeed(tag -> pump.queue().read(namespace, offset / 512, 8, memory, offset, tag));
      assertThat(Bytes.mismatch(memory, offset, 4096, i + 1)).isEqualTo(Bytes.NONE);
    }
  }

  @Test
  void requestsAreMadeFromWithinTheCompletionHandler() {
    NvmeController controller = open(TestDrive.BLOCKS_OF_512);
    Namespace namespace = controller.namespace(1);
    DmaMemory memory = controller.dma().allocate(4096);
    IoQueue queue = controller.createIoQueue(2);
    int[] completed = new int[1];
    assertThat(queue.read(namespace, 0, 1, memory, 0, 0)).isTrue();
    Deadline deadline = new Deadline("a chain of 500 requests");
    while (completed[0] < 500) {
      int _ =
          turn(
              queue,
              (tag, status) -> {
                assertThat(status).isZero();
                assertThat(tag).isEqualTo(completed[0]);
                completed[0]++;
                assertThat(queue.read(namespace, tag + 1, 1, memory, 0, tag + 1)).isTrue();
              });
      deadline.check();
    }
    queue.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aHandlerThatThrowsLosesNoOtherCompletion(int depth) {
    NvmeController controller =
        open(TestDrive.SMALL_TRANSFERS, options().withIoTimeout(Duration.ofSeconds(2)));
    Namespace namespace = controller.namespace(1);
    DmaMemory memory = controller.dma().allocate(8 * 8192);
    IoQueue queue = controller.createIoQueue(depth);
    BitSet completed = new BitSet();
    for (int i = 0; i < 50; i++) {
      int tag = i;
      // Every third is split, and waits for room behind the others.
      int blocks = i % 3 == 0 ? 8 * 16 : 1;
      Deadline deadline = new Deadline("request " + i);
      while (!queue.read(namespace, 0, blocks, memory, 0, tag)) {
        pollThrowing(queue, completed);
        deadline.check();
      }
    }
    Deadline deadline = new Deadline("all requests");
    while (queue.outstanding() > 0) {
      pollThrowing(queue, completed);
      deadline.check();
    }
    assertThat(completed.cardinality()).isEqualTo(50);
  }

  private static void pollThrowing(IoQueue queue, BitSet completed) {
    try {
      int _ =
          turn(
              queue,
              (tag, status) -> {
                assertThat(status).isZero();
                completed.set((int) tag);
                throw new IllegalStateException("the handler fails");
              });
    } catch (IllegalStateException e) {
      assertThat(e).hasMessage("the handler fails");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"BLOCKS_OF_512", "BLOCKS_OF_4096"})
  void severalThreadsEachWithAQueue(TestDrive drive) throws Exception {
    NvmeController controller = open(drive);
    int threads = 4;
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        long base = i * 1000L;
        all.add(executor.submit(() -> workOn(controller, base)));
      }
      for (Future<?> each : all) {
        Object _ = each.get(60, TimeUnit.SECONDS);
      }
    }
  }

  /** Writes and reads blocks of its own, opens and closes queues, and asks for logs meanwhile. */
  private static void workOn(NvmeController controller, long base) {
    Namespace namespace = controller.namespace(1);
    int size = namespace.blockSize();
    DmaMemory memory = controller.dma().allocate(16L * size);
    for (int round = 0; round < 10; round++) {
      Pump pump = new Pump(controller.createIoQueue(16));
      IoQueue queue = pump.queue();
      for (int i = 0; i < 16; i++) {
        long lba = base + i;
        long offset = (long) i * size;
        Bytes.fill(memory, offset, size, lba + round);
        pump.submit(() -> queue.write(namespace, lba, 1, memory, offset, lba));
      }
      pump.finish();
      assertThat(pump.takeSuccesses()).isEqualTo(16);
      memory.segment().fill((byte) 0);
      pump.succeed(tag -> queue.read(namespace, base, 16, memory, 0, tag));
      for (int i = 0; i < 16; i++) {
        assertThat(Bytes.mismatch(memory, (long) i * size, size, base + i + round))
            .isEqualTo(Bytes.NONE);
      }
      assertThat(controller.admin().smartLog().hostWriteCommands()).isPositive();
      int _ = controller.poll();
      queue.close();
    }
  }
}
