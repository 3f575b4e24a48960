package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.vfio.DmaMemory;

/** Queues come and go: with nothing left behind, in any order, in the middle of work. */
class QueueLifeTest extends ConformanceTest {
  @Test
  void aDepthThatCannotBeIsRefused() {
    NvmeController controller = open(TestDrive.BLOCKS_OF_512);
    for (int depth : new int[] {-1, 0, controller.maxQueueDepth() + 1}) {
      assertThatThrownBy(() -> controller.createIoQueue(depth))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("a depth of 1 to " + controller.maxQueueDepth());
    }
    assertThat(controller.createIoQueue(controller.maxQueueDepth()).id()).isEqualTo(1);
  }

  @Test
  void queuesAreDeletedInAnyOrderAndTheirIdsUsedAgain() {
    NvmeController controller = open(TestDrive.BLOCKS_OF_512);
    List<IoQueue> queues = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      queues.add(controller.createIoQueue(4));
    }
    for (int at : new int[] {1, 4, 0}) {
      queues.get(at).close();
    }
    for (int id : new int[] {1, 2, 5, 7}) {
      assertThat(controller.createIoQueue(4).id()).isEqualTo(id);
    }
  }

  @Test
  void aQueueIsClosedWithCommandsOut() {
    NvmeController controller = open(TestDrive.BLOCKS_OF_512);
    Namespace namespace = controller.namespace(1);
    DmaMemory memory = controller.dma().allocate(1 << 20);
    for (int i = 0; i < 20; i++) {
      IoQueue queue = controller.createIoQueue(16);
      for (int k = 0; k < 16; k++) {
        assertThat(queue.write(namespace, k * 128L, 128, memory, k * 65536L, k)).isTrue();
      }
      queue.ring();
      queue.close();
    }
    Pump pump = pump(controller, 4);
    pump.succeed(tag -> pump.queue().read(namespace, 0, 1, memory, 0, tag));
  }

  @Test
  void aHandlerMayCloseItsQueueThoughMoreHasCompleted() {
    closesInTheMiddleOfAPoll(true);
  }

  @Test
  void aHandlerMayCloseItsControllerThoughMoreHasCompleted() {
    closesInTheMiddleOfAPoll(false);
  }

  private void closesInTheMiddleOfAPoll(boolean onlyTheQueue) {
    NvmeController controller = open(TestDrive.BLOCKS_OF_512);
    IoQueue queue = controller.createIoQueue(8);
    DmaMemory memory = controller.dma().allocate(4096);
    for (int i = 0; i < 8; i++) {
      assertThat(queue.write(controller.namespace(1), i, 1, memory, 0, i)).isTrue();
    }
    List<Long> reported = new ArrayList<>();
    Deadline deadline = new Deadline("a completion");
    while (reported.isEmpty()) {
      queue.poll((tag, status) -> {
        reported.add(tag);
        if (onlyTheQueue) {
          queue.close();
        } else {
          controller.close();
        }
      });
      deadline.check();
    }
    assertThat(reported).hasSize(1);
    assertThatThrownBy(() -> queue.poll((tag, status) -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(" is closed");
  }

  @Test
  void aHandlerMayPollItsQueue() {
    NvmeController controller = open(TestDrive.BLOCKS_OF_512);
    IoQueue queue = controller.createIoQueue(8);
    DmaMemory memory = controller.dma().allocate(4096);
    List<Long> reported = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      assertThat(queue.write(controller.namespace(1), i, 1, memory, 0, i)).isTrue();
    }
    Deadline deadline = new Deadline("all completions");
    while (queue.outstanding() > 0) {
      queue.poll((tag, status) -> {
        reported.add(tag);
        queue.poll((inner, innerStatus) -> reported.add(inner));
      });
      deadline.check();
    }
    assertThat(reported).containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L);
  }

  @Test
  void whatIsKnownOfAControllerIsKnownWhenItIsClosed() {
    NvmeController controller = open(TestDrive.BLOCKS_OF_512);
    int version = controller.version();
    controller.close();
    assertThat(controller.version()).isEqualTo(version);
    assertThat(controller.maxQueueDepth()).isPositive();
  }
}
