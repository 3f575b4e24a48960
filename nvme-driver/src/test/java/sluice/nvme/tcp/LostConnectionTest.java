package sluice.nvme.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;

/** Connections that are lost, and what is made sure of before what was out is reported. */
class LostConnectionTest extends TcpHostTest {
  @Test
  void theTargetThatClosesItsEndIsNotWaitedFor() {
    try (NvmeController controller = open("?kato=1000s");
        IoQueue queue = controller.createIoQueue(4)) {
      leaveOut(controller, queue);
      long start = System.nanoTime();
      controller.reset();
      pollFor(queue, 1);
      assertThat(completed).containsExactly(LOST);
      assertThat(System.nanoTime() - start)
          .as("well below the keep-alive time")
          .isLessThan(Duration.ofSeconds(100).toNanos());
    }
  }

  @Test
  void whereItDoesNotCloseItsEndTheKeepAliveTimeIsWaitedOut() {
    try (NvmeController controller = open("?kato=300ms");
        IoQueue queue = controller.createIoQueue(4)) {
      leaveOut(controller, queue);
      target.ignoresEnd = true;
      long start = System.nanoTime();
      controller.reset();
      assertThat(System.nanoTime() - start)
          .as("twice the keep-alive time")
          .isGreaterThanOrEqualTo(Duration.ofMillis(600).toNanos());
      pollFor(queue, 1);
      assertThat(completed).containsExactly(LOST);
    }
  }

  @Test
  void aConnectionThatWasResetIsNoticedAtOnceAndTheTimeWaitedOut() throws IOException {
    try (NvmeController controller = open("?kato=300ms");
        IoQueue queue = controller.createIoQueue(4)) {
      leaveOut(controller, queue);
      long start = System.nanoTime();
      target.resetConnections();
      target.holds = false;
      pollFor(queue, 1);
      assertThat(completed).containsExactly(LOST);
      assertThat(System.nanoTime() - start)
          .as("twice the keep-alive time, and not an I/O timeout")
          .isBetween(Duration.ofMillis(600).toNanos(), Duration.ofSeconds(15).toNanos());
      assertThat(queue.flush(controller.namespace(1), 2)).isTrue();
      pollFor(queue, 2);
      assertThat(completed).endsWith("2:0");
    }
    assertThat(notices).anyMatch(line -> line.contains("connection"));
  }

  @Test
  void withoutAKeepAliveALostControllerHasFailed() throws IOException {
    try (NvmeController controller = open("?kato=0s&timeout=200ms");
        IoQueue queue = controller.createIoQueue(4)) {
      leaveOut(controller, queue);
      target.resetConnections();
      assertThatThrownBy(() -> pollFor(queue, 1))
          .isInstanceOf(NvmeException.class)
          .hasMessageContaining("was lost with commands that may still happen")
          .hasMessageContaining("fence=TIME");
    }
    assertThat(completed).isEmpty();
  }

  /** Its network may be gone again before all queues are connected anew. */
  @Test
  void aQueueThatCannotBeConnectedAtOnceIsTriedAgain() throws IOException {
    try (NvmeController controller = open("?kato=0s&fence=0s");
        IoQueue queue = controller.createIoQueue(4)) {
      leaveOut(controller, queue);
      AtomicInteger fails = new AtomicInteger(2);
      target.isQueueLost = () -> fails.getAndDecrement() > 0;
      target.holds = false;
      target.resetConnections();
      pollFor(queue, 1);
      assertThat(completed).containsExactly(LOST);
      assertThat(target.associations.get()).isEqualTo(4);
      assertThat(queue.flush(controller.namespace(1), 2)).isTrue();
      pollFor(queue, 2);
      assertThat(completed).endsWith("2:0");
    }
  }

  @Test
  void aTargetThatComesBackIsReachedAgain() throws IOException, InterruptedException {
    try (NvmeController controller = open("?kato=200ms&reconnect=20s");
        IoQueue queue = controller.createIoQueue(4)) {
      leaveOut(controller, queue);
      int port = target.port();
      target.close();
      Thread thread = Thread.ofPlatform().start(() -> comeBack(port));
      pollFor(queue, 1);
      assertThat(completed).containsExactly(LOST);
      Namespace namespace = controller.namespace(1);
      assertThat(queue.flush(namespace, 2)).isTrue();
      pollFor(queue, 2);
      assertThat(completed).endsWith("2:0");
      thread.join();
    }
  }

  /** Who comes first finds the door shut again. */
  private void comeBack(int port) {
    try {
      try (ServerSocket door = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        door.accept().close();
      }
      target = new TestTarget(port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aTargetThatStaysAwayIsGoneForGood() throws IOException {
    try (NvmeController controller = open("?kato=100ms&reconnect=500ms");
        IoQueue queue = controller.createIoQueue(4)) {
      leaveOut(controller, queue);
      target.close();
      assertThatThrownBy(() -> pollFor(queue, 1))
          .isInstanceOf(NvmeException.class)
          .hasMessageContaining("cannot be reached: nobody listens");
      assertThatThrownBy(() -> poll(queue))
          .isInstanceOf(NvmeException.class)
          .hasMessageContaining("has failed");
    }
    assertThat(completed).isEmpty();
  }

  @Test
  void anAdminCommandThatLosesItsConnectionSaysSoAndTheNextOneGoes() throws IOException {
    try (NvmeController controller = open("?kato=100ms")) {
      target.resetConnections();
      assertThatThrownBy(() -> controller.admin().identifyController())
          .isInstanceOf(NvmeException.class)
          .hasMessageContaining("connection");
      assertThat(controller.admin().identifyController().nn()).isEqualTo(1);
      assertThat(target.associations.get()).isEqualTo(2);
    }
  }

  @Test
  void itIsKeptAliveWhileNobodyUsesIt() {
    try (NvmeController controller = open("?kato=900ms")) {
      long start = System.nanoTime();
      while (target.keepAlives.get() < 5) {
        assertThat(System.nanoTime() - start).isLessThan(DEADLINE_NANOS);
        Thread.onSpinWait();
      }
      assertThat(controller.admin().identifyController().nn()).isEqualTo(1);
    }
    assertThat(notices).isEmpty();
  }

  @Test
  void aTargetThatDoesNotAnswerToKeepAliveIsLost() {
    target.ignoresKeepAlive = true;
    try (NvmeController controller = open("?kato=100ms")) {
      long start = System.nanoTime();
      while (notices.isEmpty()) {
        assertThat(System.nanoTime() - start).isLessThan(DEADLINE_NANOS);
        int _ = controller.poll();
      }
      assertThat(notices.getFirst()).contains("does not answer to Keep Alive");
    }
  }
}
