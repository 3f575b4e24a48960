package sluice.nvme.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.nvme.ControllerOptions;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.spec.StatusCode;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/** A target that says odd things of itself, or takes nothing, or answers before it can know. */
class LyingTargetTest extends TcpHostTest {
  private static final int MIB = 1 << 20;
  private static final int WRITES = 24;

  @BeforeEach
  void isOne() {
    isHostile = true;
  }

  @Override
  ControllerOptions options() {
    return super.options()
        .withIoTimeout(Duration.ofMillis(300))
        .withAdminTimeout(Duration.ofSeconds(2));
  }

  private static Arguments says(String what, Consumer<ByteBuffer> how) {
    return Arguments.of(what, how);
  }

  static Stream<Arguments> lies() {
    return Stream.of(
        says("IOCCSZ 0", page -> page.putInt(1792, 0)),
        says("IOCCSZ of less than an entry", page -> page.putInt(1792, 3)),
        says("ICDOFF", page -> page.putShort(1800, (short) 1)),
        says("MDTS 0", page -> page.put(77, (byte) 0)),
        says("MDTS 255", page -> page.put(77, (byte) 255)),
        says("MAXCMD 1", page -> page.putShort(514, (short) 1)),
        says("NN 0", page -> page.putInt(516, 0)),
        says("NN of all", page -> page.putInt(516, -1)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lies")
  void whateverItSaysOfItselfWhatIsWrittenIsReadBack(String what, Consumer<ByteBuffer> how) {
    target.identity = how;
    try (NvmeController controller = open("?kato=0s&fence=0s");
        IoQueue queue = controller.createIoQueue(1)) {
      Namespace namespace = controller.namespace(1);
      DmaMemory memory = controller.dma().allocate(2L * MIB);
      for (long at = 0; at < MIB; at += Long.BYTES) {
        OffHeap.putLong(memory.address() + at, at * 0x9e3779b97f4a7c15L);
      }
      assertThat(queue.write(namespace, 0, MIB / TestTarget.BLOCK, memory, 0, 1)).isTrue();
      pollFor(queue, 1);
      assertThat(queue.read(namespace, 0, MIB / TestTarget.BLOCK, memory, MIB, 2)).isTrue();
      pollFor(queue, 2);
      assertThat(completed).containsExactly("1:0", "2:0");
      assertThat(OffHeap.isEqual(memory.address(), memory.address() + MIB, MIB)).isTrue();
    }
    assertThat(target.failures).isEmpty();
  }

  private void write(NvmeController controller, IoQueue queue) {
    Namespace namespace = controller.namespace(1);
    DmaMemory memory = controller.dma().allocate(MIB);
    for (int i = 0; i < WRITES; i++) {
      assertThat(queue.write(namespace, 0, MIB / TestTarget.BLOCK, memory, 0, i)).isTrue();
    }
  }

  /** Its window is shut, and so is the send buffer: what is late is found all the same. */
  @Test
  void aTargetThatReadsNothingMoreIsReset() {
    target.identity = page -> page.put(77, (byte) 0).putInt(1792, (MIB + 64) / 16);
    target.inCapsule = MIB;
    try (NvmeController controller = open("?kato=0s&fence=0s");
        IoQueue queue = controller.createIoQueue(WRITES)) {
      target.stalls = true;
      write(controller, queue);
      await(
          "the loss to be told",
          () -> {
            poll(queue);
            target.stalls = notices.isEmpty();
            return !notices.isEmpty();
          });
      pollFor(queue, WRITES);
      assertThat(completed)
          .allMatch(line -> line.endsWith(":" + StatusCode.ABORTED_BY_HOST.status()));
    }
    assertThat(notices).anyMatch(line -> line.contains("that was aborted: it is reset"));
  }

  /** A response to a write whose data has been asked for, and is on its way in part. */
  @Test
  void anAnswerInTheMiddleOfWhatIsSentIsNotBelieved() {
    target.identity = page -> page.put(77, (byte) 0);
    target.inCapsule = 0;
    target.readyBytes = MIB / 4;
    target.maxData = MIB;
    try (NvmeController controller = open("?kato=0s&fence=0s");
        IoQueue queue = controller.createIoQueue(1)) {
      DmaMemory memory = controller.dma().allocate(8L * MIB);
      target.answersEarly = true;
      int blocks = 8 * MIB / TestTarget.BLOCK;
      assertThat(queue.write(controller.namespace(1), 0, blocks / 2, memory, 0, 1)).isTrue();
      await(
          "an answer",
          () -> {
            poll(queue);
            return !completed.isEmpty() || !notices.isEmpty();
          });
      target.answersEarly = false;
      target.stalls = false;
      pollFor(queue, 1);
      assertThat(completed).hasSize(1);
    }
    assertThat(notices).anyMatch(line -> line.contains("ended a command"));
  }
}
