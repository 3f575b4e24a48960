package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import sluice.nvme.CommandTimeoutException;
import sluice.nvme.ControllerOptions;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.Status;
import sluice.nvme.spec.StatusCode;
import sluice.vfio.DmaMemory;

/** Resets and ends in the middle of work: nothing is lost silently, nothing lands late. */
class RecoveryTest extends ConformanceTest {
  private static final int DEPTH = 16;
  private static final int CHUNK = 64 << 10;
  private NvmeController controller;
  private Namespace namespace;
  private DmaMemory memory;
  private Pump pump;

  private ControllerOptions impatient() {
    return options().withIoTimeout(Duration.ofMillis(300)).withAdminTimeout(Duration.ofSeconds(1));
  }

  private void begin(ControllerOptions options) {
    controller = open(TestDrive.BLOCKS_OF_512, options);
    namespace = controller.namespace(1);
    memory = controller.dma().allocate(DEPTH * (long) CHUNK);
    pump = pump(controller, DEPTH);
  }

  private void submitReads(Pump to, long tag) {
    for (int i = 0; i < DEPTH; i++) {
      long offset = (long) i * CHUNK;
      long each = tag + i;
      to.submit(() -> to.queue().read(namespace, offset / 512, CHUNK / 512, memory, offset, each));
    }
    to.queue().ring();
  }

  private void assertReported(Pump by, long tag) {
    by.finish();
    for (int i = 0; i < DEPTH; i++) {
      assertStatus(by.status(tag + i), StatusCode.ABORTED_BY_HOST);
    }
  }

  private void assertWorks(Pump with) {
    Bytes.fill(memory, 0, CHUNK, 5);
    with.succeed(tag -> with.queue().write(namespace, 0, CHUNK / 512, memory, 0, tag));
    Bytes.fill(memory, 0, CHUNK, 6);
    with.succeed(tag -> with.queue().read(namespace, 0, CHUNK / 512, memory, 0, tag));
    assertThat(Bytes.mismatch(memory, 0, CHUNK, 5)).isEqualTo(Bytes.NONE);
  }

  @Test
  void aResetReportsWhatWasOutAndTheQueueGoesOn() {
    begin(options());
    for (int round = 0; round < 10; round++) {
      submitReads(pump, round * 100L);
      controller.reset();
      assertReported(pump, round * 100L);
      assertWorks(pump);
    }
  }

  @Test
  void nothingLandsAfterAReset() {
    begin(options());
    for (int round = 0; round < 10; round++) {
      submitReads(pump, round * 100L);
      controller.reset();
      Bytes.fill(memory, 0, memory.size(), 7);
      assertReported(pump, round * 100L);
      for (int i = 0; i < 10; i++) {
        assertThat(controller.admin().activeNamespaces()).containsExactly(1);
      }
      assertThat(Bytes.mismatch(memory, 0, memory.size(), 7)).isEqualTo(Bytes.NONE);
    }
  }

  @Test
  void everyQueueLivesThroughAReset() {
    begin(options());
    Pump second = pump(controller, DEPTH);
    Pump idle = pump(controller, 4);
    submitReads(pump, 0);
    submitReads(second, 0);
    controller.reset();
    assertReported(second, 0);
    assertReported(pump, 0);
    assertWorks(pump);
    assertWorks(second);
    assertWorks(idle);
    assertThat(controller.createIoQueue(4).id()).isEqualTo(4);
  }

  @Test
  void aQueueIsClosedAfterAResetThatItHasNotSeen() {
    begin(options());
    submitReads(pump, 0);
    controller.reset();
    pump.queue().close();
    assertWorks(pump(controller, 4));
  }

  @Test
  void aFunctionThatIsResetFromOutsideComesBackUnderLoad() {
    begin(impatient());
    assertWorks(pump);
    submitReads(pump, 0);
    PcieTransport.functionOf(controller).reset();
    pump.finish();
    for (int i = 0; i < DEPTH; i++) {
      assertDoneOrAborted(pump.status(i));
    }
    // The drive may have been faster than the reset: then this is what finds it.
    assertDoneOrAborted(pump.run(tag -> pump.queue().flush(namespace, tag)));
    assertWorks(pump);
  }

  private static void assertDoneOrAborted(int status) {
    assertThat(status).as(Status.format(status)).isIn(0, StatusCode.ABORTED_BY_HOST.status());
  }

  @Test
  void aFunctionThatIsResetFromOutsideComesBackByAnAdminCommand() {
    begin(impatient());
    PcieTransport.functionOf(controller).reset();
    assertThatThrownBy(() -> controller.admin().smartLog())
        .isInstanceOf(CommandTimeoutException.class)
        .hasNoSuppressedExceptions();
    assertThat(controller.admin().smartLog().compositeTemperature()).isPositive();
    assertWorks(pump);
  }

  @Test
  void theControllerIsClosedWithCommandsOut() {
    for (int i = 0; i < 5; i++) {
      begin(options());
      submitReads(pump, 0);
      controller.close();
    }
    begin(options());
    assertWorks(pump);
  }

  @Test
  void whatIsClosedSaysSo() {
    begin(options());
    IoQueue closed = controller.createIoQueue(4);
    closed.close();
    assertClosed(closed);
    assertWorks(pump);
    controller.close();
    assertClosed(pump.queue());
    pump.queue().close();
    assertThatThrownBy(() -> controller.admin().smartLog())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith(" is closed");
    assertThatThrownBy(() -> controller.createIoQueue(4))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith(" is closed");
    assertThatThrownBy(() -> controller.reset())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith(" is closed");
    assertThat(controller.poll()).isZero();
  }

  private void assertClosed(IoQueue queue) {
    assertThat(queue.read(namespace, 0, 1, memory, 0, 0)).isFalse();
    assertThatThrownBy(() -> queue.ring())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith(" is closed");
    assertThatThrownBy(() -> queue.poll((tag, status) -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith(" is closed");
  }

  @Test
  void resetsFromAnotherThreadWhileAQueueIsBusy() throws Exception {
    begin(options());
    AtomicBoolean ends = new AtomicBoolean();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread resetter =
        Thread.ofPlatform()
            .start(() -> {
              try {
                for (int i = 0; i < 10; i++) {
                  controller.reset();
                }
              } catch (Throwable e) {
                failure.set(e);
              } finally {
                ends.set(true);
              }
            });
    long tag = 0;
    while (!ends.get()) {
      long first = tag;
      submitReads(pump, first);
      pump.finish();
      for (int i = 0; i < DEPTH; i++) {
        assertDoneOrAborted(pump.status(first + i));
      }
      tag += DEPTH;
    }
    resetter.join();
    assertThat(failure.get()).isNull();
    assertWorks(pump);
  }
}
