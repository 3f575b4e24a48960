package sluice.nvme.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.spec.StatusCode;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

class TcpTransportTest extends TcpHostTest {
  private static final int MIB = 1 << 20;

  private static void fill(DmaMemory memory, long seed) {
    Random random = new Random(seed);
    for (long i = 0; i < memory.size(); i += Long.BYTES) {
      OffHeap.putLong(memory.address() + i, random.nextLong());
    }
  }

  private void writeAndReadBack(String options, int bytes) {
    try (NvmeController controller = open(options);
        IoQueue queue = controller.createIoQueue(16)) {
      Namespace namespace = controller.namespace(1);
      DmaMemory memory = controller.dma().allocate(2L * bytes);
      fill(memory, bytes);
      int blocks = bytes / TestTarget.BLOCK;
      assertThat(queue.write(namespace, 3, blocks, memory, 0, 1)).isTrue();
      pollFor(queue, 1);
      assertThat(queue.flush(namespace, 2)).isTrue();
      assertThat(queue.read(namespace, 3, blocks, memory, bytes, 3)).isTrue();
      pollFor(queue, 3);
      assertThat(completed).containsExactly("1:0", "2:0", "3:0");
      assertThat(OffHeap.isEqual(memory.address(), memory.address() + bytes, bytes)).isTrue();
      assertThat(queue.deallocate(namespace, 3, 1, 4)).isTrue();
      pollFor(queue, 4);
      assertThat(target.disk[3 * TestTarget.BLOCK]).isZero();
    }
    assertThat(notices).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "?hdgst=yes", "?ddgst=yes", "?hdgst=yes&ddgst=yes", "?depth=16&queues=1"})
  void whatIsWrittenInACapsuleIsReadBack(String options) {
    writeAndReadBack(options, 4096);
    assertThat(target.inCapsules.get()).isEqualTo(2);
    assertThat(target.ready.get()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?hdgst=yes", "?ddgst=yes", "?hdgst=yes&ddgst=yes"})
  void whatIsAskedForIsReadBack(String options) {
    writeAndReadBack(options, MIB);
    assertThat(target.ready.get()).isGreaterThan(16);
  }

  @Test
  void aTargetThatTakesNothingInCapsulesIsAskedForAll() {
    target.inCapsule = 0;
    writeAndReadBack("", 512);
    assertThat(target.inCapsules.get()).isZero();
    assertThat(target.ready.get()).isEqualTo(2);
  }

  @Test
  void oneAskedForAfterTheOther() {
    target.asksAhead = false;
    target.readyBytes = 5120;
    target.maxData = 4096;
    writeAndReadBack("", 64 << 10);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?hdgst=yes&ddgst=yes"})
  void dataIsAlignedAsTheTargetWantsItAndTakenAsItComes(String options) {
    target.alignment = 7;
    target.padDwords = 3;
    target.dataBytes = 1000;
    writeAndReadBack(options, 4096);
    completed.clear();
    target.inCapsule = 0;
    writeAndReadBack(options, 64 << 10);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?hdgst=yes&ddgst=yes"})
  void aByteAtATime(String options) {
    target.trickles = true;
    writeAndReadBack(options, 4096);
  }

  @Test
  void readsWithAResponseOfTheirOwn() {
    target.saysSuccess = false;
    writeAndReadBack("", 4096);
  }

  @Test
  void manyAtOnceAreAllDone() {
    try (NvmeController controller = open("");
        IoQueue queue = controller.createIoQueue(100)) {
      Namespace namespace = controller.namespace(1);
      DmaMemory memory = controller.dma().allocate(MIB);
      new Random(1).nextBytes(target.disk);
      for (int i = 0; i < 100; i++) {
        assertThat(queue.read(namespace, i, 8, memory, i * 4096L, i)).isTrue();
      }
      assertThat(queue.flush(namespace, 100)).as("a full queue").isFalse();
      pollFor(queue, 100);
      for (int i = 0; i < 100; i++) {
        for (int at = 0; at < 4096; at++) {
          assertThat(OffHeap.getByte(memory.address() + i * 4096L + at))
              .isEqualTo(target.disk[i * 512 + at]);
        }
      }
    }
  }

  @Test
  void aQueueThatIsClosedIsDisconnectedAndItsPlaceUsedAgain() {
    try (NvmeController controller = open("?queues=1")) {
      for (int i = 0; i < 3; i++) {
        try (IoQueue queue = controller.createIoQueue(4)) {
          assertThat(queue.id()).isEqualTo(1);
          assertThat(target.connections()).isEqualTo(2);
          completed.clear();
          assertThat(queue.flush(controller.namespace(1), 1)).isTrue();
          pollFor(queue, 1);
        }
      }
      assertThatThrownBy(
              () -> {
                IoQueue _ = controller.createIoQueue(4);
                IoQueue _ = controller.createIoQueue(4);
              })
          .isInstanceOf(NvmeException.class)
          .hasMessageContaining("no more than 1 I/O queues");
    }
    assertThat(notices).isEmpty();
  }

  @Test
  void aWrongNameIsSaidToBeOne() {
    DriveAddress address =
        DriveAddress.parse("tcp://127.0.0.1:" + target.port() + "/nqn.2024-01.org.sluice:other");
    assertThatThrownBy(() -> Drives.open(address, ControllerOptions.defaults()))
        .isInstanceOf(NvmeException.class)
        .hasMessage(
            "tcp://127.0.0.1:%d/nqn.2024-01.org.sluice:other refuses the subsystem's name (NQN):"
                    .formatted(target.port())
                + " it has none of that name");
  }

  @Test
  void whereNobodyListensThatIsSaid() throws IOException {
    target.close();
    assertThatThrownBy(() -> open(""))
        .isInstanceOf(NvmeException.class)
        .hasMessage(
            "%s cannot be reached: nobody listens at 127.0.0.1:%d"
                .formatted(target.address(), target.port()));
  }

  @Test
  void aHostIsFoundByItsNameAndByAnAddressOfSixteenBytes() throws IOException {
    try (TestTarget second = new TestTarget(0, InetAddress.getAllByName("::1")[0])) {
      for (String place : List.of("[::1]:" + second.port(), "localhost:" + target.port())) {
        try (NvmeController controller = Drives.open("tcp://" + place + "/" + TestTarget.NQN)) {
          assertThat(controller.namespaces()).hasSize(1);
        }
      }
    }
  }

  @Test
  void aResetEndsWhatIsOutAndTheQueueBeginsAnew() {
    try (NvmeController controller = open("?kato=0s");
        IoQueue queue = controller.createIoQueue(4)) {
      Namespace namespace = controller.namespace(1);
      target.holds = true;
      assertThat(queue.flush(namespace, 1)).isTrue();
      int _ = queue.poll((tag, status) -> completed.add(tag + ":" + status));
      controller.reset();
      target.holds = false;
      pollFor(queue, 1);
      assertThat(completed).containsExactly("1:" + StatusCode.ABORTED_BY_HOST.status());
      assertThat(queue.flush(namespace, 2)).isTrue();
      pollFor(queue, 2);
      assertThat(completed).endsWith("2:0");
      assertThat(target.associations.get()).isEqualTo(2);
    }
  }
}
