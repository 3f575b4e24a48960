package sluice.nvme.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import sluice.nvme.ControllerOptions;
import sluice.nvme.IoQueue;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.vfio.DmaMemory;

/**
 * What is reported as "cannot happen any more" cannot, also with a target that ends an association
 * in a way that looks well; and who waits for a target is not harmed by threads and closes.
 */
class EndedAssociationTest extends TcpHostTest {
  private static final long TWICE_KATO = Duration.ofMillis(600).toNanos();

  private final AtomicReference<Throwable> thrown = new AtomicReference<>();

  @Override
  ControllerOptions options() {
    return super.options().withAdminTimeout(Duration.ofMillis(100));
  }

  private Thread start(Runnable action) {
    return Thread.ofPlatform()
        .start(() -> {
          try {
            action.run();
          } catch (RuntimeException | Error e) {
            thrown.set(e);
          }
        });
  }

  /** The queue's owner takes the error from the socket before who resets can see it. */
  @Test
  void anEndByAResetIsNoneInOrderWhoeverSeesItFirst() throws InterruptedException {
    target.resetsAtEnd = true;
    try (NvmeController controller = open("?kato=300ms");
        IoQueue queue = controller.createIoQueue(4)) {
      leaveOut(controller, queue);
      CountDownLatch polled = new CountDownLatch(1000);
      Thread owner =
          start(() -> {
            while (completed.isEmpty()) {
              poll(queue);
              polled.countDown();
            }
          });
      polled.await();
      long start = System.nanoTime();
      controller.reset();
      assertThat(System.nanoTime() - start)
          .as("twice the keep-alive time")
          .isGreaterThanOrEqualTo(TWICE_KATO);
      owner.join();
    }
    assertThat(thrown.get()).isNull();
    assertThat(completed).containsExactly(LOST);
  }

  /** It closes its ends because it has heard nothing for long, and is at work still. */
  @Test
  void anEndByTheKeepAliveTimeIsNoneInOrder() {
    try (NvmeController controller = open("?kato=300ms");
        IoQueue queue = controller.createIoQueue(4)) {
      leaveOut(controller, queue);
      target.endsWithKeepAlive = true;
      controller.reset();
      pollFor(queue, 1);
      assertThat(completed).containsExactly(LOST);
      assertThat(target.hasDoneLate).as("what was out is over when that is said").isTrue();
      target.endsWithKeepAlive = false;
    }
  }

  /** A target cannot end before what it has sent of reads is taken by somebody. */
  @Test
  void readsThatAreOnTheirWayDoNotHoldUpAReset() {
    int reads = 31;
    int bytes = 256 << 10;
    try (NvmeController controller = open("?kato=0s");
        IoQueue queue = controller.createIoQueue(reads)) {
      DmaMemory memory = controller.dma().allocate((long) reads * bytes);
      for (int i = 0; i < reads; i++) {
        int blocks = bytes / TestTarget.BLOCK;
        assertThat(queue.read(controller.namespace(1), 0, blocks, memory, (long) i * bytes, i))
            .isTrue();
      }
      queue.ring();
      // Without a keep-alive an end that is not in order is the end of all.
      controller.reset();
      pollFor(queue, reads);
      assertThat(queue.flush(controller.namespace(1), 99)).isTrue();
      pollFor(queue, reads + 1);
      assertThat(completed).endsWith("99:0");
    }
  }

  /** The queue's owner takes what comes while another thread resets. */
  @Test
  void readsOfAnotherThreadDoNotHoldUpAResetEither() throws InterruptedException {
    int bytes = 256 << 10;
    try (NvmeController controller = open("?kato=0s");
        IoQueue queue = controller.createIoQueue(16)) {
      DmaMemory memory = controller.dma().allocate(bytes);
      AtomicInteger isToEnd = new AtomicInteger();
      AtomicInteger done = new AtomicInteger();
      Thread owner =
          start(() -> {
            while (isToEnd.get() == 0 || queue.outstanding() > 0) {
              while (isToEnd.get() == 0
                  && queue.read(
                      controller.namespace(1), 0, bytes / TestTarget.BLOCK, memory, 0, 1)) {
                // As many as there is room for.
              }
              int _ = queue.poll((tag, status) -> done.incrementAndGet());
            }
          });
      for (int i = 0; i < 5; i++) {
        int before = done.get();
        await("reads to be done", () -> done.get() > before + 20 || !owner.isAlive());
        controller.reset();
      }
      isToEnd.set(1);
      owner.join();
    }
    assertThat(thrown.get()).isNull();
  }

  /** Its queue was closed while the command was out, and did not end in order. */
  @Test
  void aCommandOfAClosedQueueIsWaitedForToo() throws IOException {
    try (NvmeController controller = open("?kato=300ms");
        IoQueue other = controller.createIoQueue(4)) {
      IoQueue queue = controller.createIoQueue(4);
      leaveOut(controller, queue);
      target.ignoresEnd = true;
      queue.close();
      target.ignoresEnd = false;
      long start = System.nanoTime();
      controller.reset();
      assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TWICE_KATO);
      assertThat(other.outstanding()).isZero();
    }
  }

  @Test
  void aTargetThatIsLostInBringUpAgainAndAgainIsTriedUntilTheTimeIsOver() throws IOException {
    try (NvmeController controller = open("?kato=0s&fence=0s&reconnect=20s");
        IoQueue queue = controller.createIoQueue(4)) {
      leaveOut(controller, queue);
      target.holds = false;
      target.lostInBringUp.set(6);
      target.resetConnections();
      pollFor(queue, 1);
      assertThat(completed).containsExactly(LOST);
      assertThat(target.lostInBringUp.get()).isZero();
      assertThat(queue.flush(controller.namespace(1), 2)).isTrue();
      pollFor(queue, 2);
      assertThat(completed).endsWith("2:0");
    }
  }

  /** It would be taken for one of other limits: what it does not tell reads as ones. */
  @Test
  void aTargetThatIsLostBeforeItHasToldOfItselfIsNotOpened() {
    target.lostInBringUp.set(1);
    assertThatThrownBy(() -> open("?kato=0s"))
        .isInstanceOf(NvmeException.class)
        .hasMessageStartingWith(target.address() + " ")
        .hasMessageContaining("connection");
  }

  /** The target has ended the controller in between, and knows its number no more. */
  @Test
  void aQueueOfAControllerThatIsNoMoreIsConnectedToTheNextOne() {
    try (NvmeController controller = open("?kato=0s&fence=0s")) {
      AtomicInteger refused = new AtomicInteger(1);
      target.hasForgotten = () -> refused.getAndDecrement() > 0;
      try (IoQueue queue = controller.createIoQueue(4)) {
        assertThat(queue.flush(controller.namespace(1), 1)).isTrue();
        pollFor(queue, 1);
        assertThat(completed).containsExactly("1:0");
      }
    }
  }

  /** What was lost on the way to the new association is not lost with it. */
  @Test
  void aConnectThatIsLostIsForgottenWhenTheNextOneIsNot() throws IOException {
    try (NvmeController controller = open("?kato=0s&fence=0s");
        IoQueue queue = controller.createIoQueue(4)) {
      leaveOut(controller, queue);
      target.holds = false;
      target.lostInConnect.set(2);
      target.resetConnections();
      pollFor(queue, 1);
      assertThat(completed).containsExactly(LOST);
      assertThat(queue.flush(controller.namespace(1), 2)).isTrue();
      pollFor(queue, 2);
      assertThat(completed).endsWith("2:0");
    }
  }

  @Test
  void anInterruptedThreadRidesThroughALossAndStaysInterrupted() throws IOException {
    try (NvmeController controller = open("?kato=100ms");
        IoQueue queue = controller.createIoQueue(4)) {
      leaveOut(controller, queue);
      target.holds = false;
      target.resetConnections();
      Thread.currentThread().interrupt();
      pollFor(queue, 1);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(completed).containsExactly(LOST);
      assertThat(queue.flush(controller.namespace(1), 2)).isTrue();
      pollFor(queue, 2);
      assertThat(completed).endsWith("2:0");
    }
  }

  @Test
  void anInterruptedThreadClosesAllTheSame() {
    NvmeController controller = open("?kato=60ms");
    Thread.currentThread().interrupt();
    controller.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(keepAlives()).isZero();
  }

  private long keepAlives() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("keep-alive of " + target.address()))
        .count();
  }

  /** Who closes does not wait until the time is over for which the target is tried. */
  @Test
  void aCloseEndsTheWaitForATargetThatStaysAway() throws IOException, InterruptedException {
    NvmeController controller = open("?kato=100ms&reconnect=3000s");
    IoQueue queue = controller.createIoQueue(4);
    leaveOut(controller, queue);
    target.close();
    Thread owner =
        start(() -> {
          while (true) {
            poll(queue);
          }
        });
    await("the loss to be told", () -> !notices.isEmpty());
    controller.close();
    owner.join();
    assertThat(thrown.get())
        .isInstanceOfAny(NvmeException.class, IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThat(keepAlives()).isZero();
    assertThat(completed).isEmpty();
  }

  /** An owner that does not come back from its handler: the target is not kept by that. */
  @Test
  void aCloseThatIsGivenUpCutsTheConnectionsAll() throws InterruptedException {
    NvmeController controller = open("?kato=60ms");
    IoQueue queue = controller.createIoQueue(4);
    assertThat(queue.flush(controller.namespace(1), 1)).isTrue();
    CountDownLatch isIn = new CountDownLatch(1);
    CountDownLatch isToEnd = new CountDownLatch(1);
    Thread owner =
        start(() -> {
          while (isIn.getCount() > 0) {
            int _ =
                queue.poll((tag, status) -> {
                  isIn.countDown();
                  awaitUninterruptibly(isToEnd);
                });
          }
        });
    isIn.await();
    controller.close();
    assertThat(notices).anyMatch(line -> line.contains("still in use by a thread"));
    await("the connections to end", () -> target.connections() == 0);
    assertThat(keepAlives()).isZero();
    isToEnd.countDown();
    owner.join();
    assertThat(thrown.get()).isNull();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aQueueThatIsTakenForAnotherControllerIsNotUsed() {
    target.controllerOf = queue -> queue == 0 ? target.associations.get() : 77;
    try (NvmeController controller = open("?kato=0s&fence=0s&reconnect=0s")) {
      assertThatThrownBy(() -> controller.createIoQueue(4))
          .isInstanceOf(NvmeException.class)
          .hasMessageContaining("took queue 1 as controller 77's, and not as controller");
    }
  }

  @Test
  void aControllerOfANumberThatNoneHasIsRefused() {
    target.controllerOf = queue -> 0xffff;
    assertThatThrownBy(() -> open(""))
        .isInstanceOf(NvmeException.class)
        .hasMessage(
            target.address() + " says that its controller is number 0xffff, which none can be");
  }

  @Test
  void fewerQueuesAfterAResetCostTheQueuesThatAreTooMany() throws IOException {
    try (NvmeController controller = open("?kato=0s&fence=0s");
        IoQueue first = controller.createIoQueue(4);
        IoQueue second = controller.createIoQueue(4)) {
      target.grants = 1;
      target.refuses = queue -> queue > 1;
      controller.reset();
      poll(first);
      assertThatThrownBy(() -> poll(second))
          .isInstanceOf(NvmeException.class)
          .hasMessageContaining("is busy");
      assertThat(controller.maxIoQueues()).isEqualTo(1);
      assertThat(first.flush(controller.namespace(1), 1)).isTrue();
      pollFor(first, 1);
      assertThat(completed).containsExactly("1:0");
    }
  }
}
