package sluice.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.nvme.spec.StatusCode;
import sluice.support.agent.IdleStrategy;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/** The driver on a transport that is not PCI Express. */
class AnotherTransportTest {
  private static final int BYTES = 64 << 10;

  private final CapsuleDrive drive = new CapsuleDrive();
  private final CapsuleTransport transport = new CapsuleTransport(drive);
  private final List<String> completed = new ArrayList<>();
  private long now;

  private final ControllerOptions options =
      ControllerOptions.defaults()
          .withNanoClock(() -> now += 1000)
          .withIoTimeout(Duration.ofSeconds(1))
          .withIdle(IdleStrategy::spinning);

  private void poll(IoQueue queue) {
    int _ = queue.poll((tag, status) -> completed.add(tag + ":" + status));
  }

  private void pollFor(IoQueue queue, int requests) {
    for (int turn = 0; completed.size() < requests; turn++) {
      assertThat(turn).as("turns for %d requests, %s", requests, completed).isLessThan(1000);
      poll(queue);
    }
  }

  @Test
  void whatIsWrittenThroughItIsReadBackInPiecesThatItCanCarry() {
    try (NvmeController controller = NvmeController.open(transport, options);
        IoQueue queue = controller.createIoQueue(3)) {
      Namespace namespace = controller.namespace(1);
      assertThat(namespace.maxTransferBytes()).isEqualTo(8192);
      DmaMemory memory = controller.dma().allocate(2 * BYTES);
      for (long i = 0; i < BYTES; i += Long.BYTES) {
        OffHeap.putLong(memory.address() + i, i * 0x9e3779b97f4a7c15L);
      }
      int blocks = BYTES / CapsuleDrive.BLOCK;
      assertThat(queue.write(namespace, 100, blocks, memory, 0, 1)).isTrue();
      pollFor(queue, 1);
      assertThat(queue.flush(namespace, 2)).isTrue();
      assertThat(queue.read(namespace, 100, blocks, memory, BYTES, 3)).isTrue();
      pollFor(queue, 3);
      assertThat(completed).containsExactly("1:0", "2:0", "3:0");
      assertThat(OffHeap.isEqual(memory.address(), memory.address() + BYTES, BYTES)).isTrue();
      assertThat(queue.deallocate(namespace, 7, 9, 4)).isTrue();
      pollFor(queue, 4);
      assertThat(drive.deallocated()).isEqualTo("9 from 7");
    }
    assertThat(transport.isClosed()).isTrue();
  }

  @Test
  void aResetEndsWhatIsOutAndTheQueueBeginsAnew() {
    try (NvmeController controller = NvmeController.open(transport, options);
        IoQueue queue = controller.createIoQueue(4)) {
      Namespace namespace = controller.namespace(1);
      drive.hold(true);
      assertThat(queue.flush(namespace, 1)).isTrue();
      poll(queue);
      controller.reset();
      drive.hold(false);
      assertThat(queue.flush(namespace, 2)).as("before the queue is anew").isFalse();
      poll(queue);
      assertThat(completed).containsExactly("1:" + StatusCode.ABORTED_BY_HOST.status());
      assertThat(queue.flush(namespace, 2)).isTrue();
      pollFor(queue, 2);
      assertThat(completed).endsWith("2:0");
    }
  }

  @Test
  void aCommandThatItNeverAnswersEndsInAReset() {
    List<String> notices = new ArrayList<>();
    try (NvmeController controller =
            NvmeController.open(transport, options.withOnNotice(notices::add));
        IoQueue queue = controller.createIoQueue(4)) {
      drive.hold(true);
      assertThat(queue.flush(controller.namespace(1), 1)).isTrue();
      for (int epoch = 0; completed.isEmpty() && epoch < 100; epoch++) {
        now += Duration.ofMillis(250).toNanos();
        for (int turn = 0; turn < 64; turn++) {
          poll(queue);
        }
      }
      assertThat(completed).containsExactly("1:" + StatusCode.ABORTED_BY_HOST.status());
      assertThat(notices).anyMatch(notice -> notice.contains("was aborted: it is reset"));
    }
  }

  @Test
  void aQueueThatIsClosedIsDeletedAndItsMemoryFreed() {
    try (NvmeController controller = NvmeController.open(transport, options)) {
      int before = transport.allocated();
      IoQueue queue = controller.createIoQueue(4);
      assertThat(transport.queue(1).isConnected()).isTrue();
      assertThat(transport.allocated()).isGreaterThan(before);
      queue.close();
      assertThat(transport.queue(1).isConnected()).isFalse();
      assertThat(transport.allocated()).isEqualTo(before);
    }
  }

  @Test
  void aSecondThreadOnAQueueInUseIsCaughtByAssertions() {
    try (NvmeController controller = NvmeController.open(transport, options);
        IoQueue queue = controller.createIoQueue(4)) {
      Namespace namespace = controller.namespace(1);
      assertThat(queue.flush(namespace, 1)).isTrue();
      List<Throwable> caught = new ArrayList<>();
      int reported =
          queue.poll((tag, status) -> {
            Thread second = new Thread(() -> queue.flush(namespace, 2));
            second.setUncaughtExceptionHandler((thread, failure) -> caught.add(failure));
            second.start();
            join(second);
          });
      assertThat(reported).isEqualTo(1);
      assertThat(caught)
          .singleElement()
          .satisfies(failure ->
              assertThat(failure)
                  .isInstanceOf(AssertionError.class)
                  .hasMessage("two threads use queue 1 at once"));
      assertThat(queue.outstanding()).isZero();
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whenItIsCutOffForGoodThatIsSaid() {
    NvmeController controller = NvmeController.open(transport, options);
    IoQueue queue = controller.createIoQueue(4);
    drive.hold(true);
    assertThat(queue.flush(controller.namespace(1), 1)).isTrue();
    transport.cut();
    assertThatThrownBy(
            () -> {
              for (int turn = 0; turn < 100; turn++) {
                poll(queue);
              }
            })
        .isInstanceOf(NvmeException.class)
        .hasMessage("fake:0 is gone");
    queue.close();
    controller.close();
    assertThat(transport.isClosed()).isTrue();
  }
}
