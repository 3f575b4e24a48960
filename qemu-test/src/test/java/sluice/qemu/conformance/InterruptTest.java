package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.nvme.CompletionMode;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.pcie.PcieTransport;
import sluice.vfio.DmaMemory;

/**
 * Waiting for completions; where a function has no interrupts, a wait is none and all works too.
 */
class InterruptTest extends ConformanceTest {
  private static final long LONG_NANOS = Duration.ofSeconds(20).toNanos();
  private static final long SHORT_NANOS = Duration.ofMillis(30).toNanos();

  private NvmeController controller;
  private DmaMemory memory;
  private Namespace namespace;
  private final AtomicInteger completed = new AtomicInteger();

  private void open(CompletionMode mode) {
    controller = open(TestDrive.BLOCKS_OF_512, options().withCompletions(mode));
    memory = controller.dma().allocate(4096);
    namespace = controller.namespace(1);
  }

  private void completed(long tag, int status) {
    assertThat(status).as("status of request %d", tag).isZero();
    completed.incrementAndGet();
  }

  private void read(IoQueue queue) {
    Deadline deadline = new Deadline("room for a request");
    while (!queue.read(namespace, 0, 8, memory, 0, 0)) {
      int _ = queue.poll(this::completed);
      deadline.check();
    }
  }

  private void finish(IoQueue queue) {
    Deadline deadline = new Deadline("a completion");
    while (queue.outstanding() > 0) {
      assertThat(queue.await(LONG_NANOS)).as("a completion ends the wait").isTrue();
      int _ = queue.poll(this::completed);
      deadline.check();
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyCompletionEndsAWait(CompletionMode mode) {
    open(mode);
    IoQueue queue = controller.createIoQueue(8);
    for (int i = 1; i <= 100; i++) {
      for (int j = i % 8; j >= 0; j--) {
        read(queue);
      }
      completed.set(0);
      finish(queue);
      assertThat(completed).hasValue(i % 8 + 1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void interruptsLiveThroughAReset(CompletionMode mode) {
    open(mode);
    IoQueue queue = controller.createIoQueue(8);
    for (int i = 0; i < 3; i++) {
      read(queue);
      finish(queue);
      controller.reset();
    }
    read(queue);
    finish(queue);
    assertThat(completed).hasValue(4);
  }

  /**
   * It raises no interrupt, neither its own nor that of one that sleeps. A connection can always be
   * waited for.
   */
  @Test
  void aPolledQueueIsBesideThoseThatSleep() {
    boolean canWait = !(rig instanceof PciRig);
    open(CompletionMode.INTERRUPTS);
    IoQueue sleeping = controller.createIoQueue(8);
    IoQueue polled = controller.createPolledIoQueue(8);
    read(sleeping);
    finish(sleeping);
    boolean _ = sleeping.await(SHORT_NANOS);
    assertThat(polled.canWait()).isEqualTo(canWait);
    for (int i = 0; i < 20; i++) {
      read(polled);
      Deadline deadline = new Deadline("a completion that is looked for");
      while (polled.outstanding() > 0) {
        int _ = polled.poll(this::completed);
        deadline.check();
      }
    }
    assertThat(completed).hasValue(21);
    controller.reset();
    read(polled);
    read(sleeping);
    finish(sleeping);
    assertThat(polled.canWait()).isEqualTo(canWait);
  }

  @Test
  void aQueueSleepsWhileAnotherCompletes() {
    open(CompletionMode.INTERRUPTS);
    IoQueue busy = controller.createIoQueue(8);
    IoQueue quiet = controller.createIoQueue(8);
    read(quiet);
    finish(quiet);
    // What is left of an interrupt whose completion was seen before the wait.
    boolean _ = quiet.await(SHORT_NANOS);
    read(busy);
    finish(busy);
    boolean hasNone =
        rig instanceof PciRig && PcieTransport.functionOf(controller).interruptVectors() == 0;
    assertThat(quiet.await(SHORT_NANOS)).isEqualTo(hasNone);
  }
}
