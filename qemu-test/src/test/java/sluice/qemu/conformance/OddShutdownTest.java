package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.nvme.IoQueue;
import sluice.nvme.NvmeController;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.IdentifyCns;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.Registers;
import sluice.support.memory.OffHeap;
import sluice.vfio.Bar;
import sluice.vfio.PciFunction;

/** Drives that do not shut down as they should, and threads that are at it meanwhile. */
class OddShutdownTest extends OddDrives {
  // Shutdown.

  /** Says what the test wants of CSTS once it was told to shut down. */
  private static class Resting extends OddFunction {
    private boolean shutsDown;

    Resting(PciFunction inner) {
      super(inner);
    }

    int resting(int csts) {
      return csts;
    }

    @Override
    boolean passes(long offset, int value) {
      if (offset == Registers.CC) {
        shutsDown = Cc.shn(value) != 0;
      }
      return super.passes(offset, value);
    }

    @Override
    int read(long offset, int value) {
      return offset == Registers.CSTS && shutsDown ? resting(value) : value;
    }
  }

  private Resting dropsReady(PciFunction inner) {
    return new Resting(inner) {
      @Override
      int resting(int csts) {
        return Csts.shst(csts) == Csts.SHST_COMPLETE ? Csts.rdy(csts, false) : csts;
      }
    };
  }

  @Test
  void aDriveThatIsNotReadyAnyMoreWhenItIsShutDownClosesAtOnce() {
    NvmeController controller =
        PcieTransport.open(dropsReady(rig.function(TestDrive.BLOCKS_OF_512)), ticking());
    controller.close();
    assertThat(notices).isEmpty();
  }

  @Test
  void aDriveThatSomebodyElseHasShutDownIsOpenedAtOnce() {
    Resting function = dropsReady(rig.function(TestDrive.BLOCKS_OF_512));
    Bar bar = function.bar(0);
    RawController raw = new RawController(function).enable();
    bar.write32(Registers.CC, Cc.shn(RawController.CC_ENABLED, Cc.SHN_NORMAL));
    raw.awaitStatus("shut down", csts -> Csts.shst(csts) == Csts.SHST_COMPLETE);
    assertThat(Csts.rdy(bar.read32(Registers.CSTS))).isFalse();
    NvmeController controller = own(PcieTransport.open(function, ticking()));
    assertThat(Duration.ofNanos(now.get()).toMillis())
        .isLessThan(Cap.timeoutMillis(controller.capabilities()));
    assertThat(notices).isEmpty();
    assertWorks(controller);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 10", // it does not say
    "20000000, 20",
    "4294967295, 60", // more than an hour
  })
  void aShutdownThatTakesForeverIsToldAndNoError(long rtd3eMicros, int seconds) {
    Resting function =
        new Resting(rig.function(TestDrive.BLOCKS_OF_512)) {
          @Override
          void admin(long entry) {
            if (identifies(entry, IdentifyCns.CONTROLLER)) {
              new IdentifyController(OffHeap.segment(answer(entry), IdentifyController.BYTES))
                  .rtd3e(rtd3eMicros);
            }
          }

          @Override
          int resting(int csts) {
            return Csts.shst(csts, Csts.SHST_OCCURRING);
          }
        };
    NvmeController controller = PcieTransport.open(function, ticking());
    long before = now.get();
    controller.close();
    assertThat(function.isClosed()).isTrue();
    assertToldOnly("does not shut down in good order: ");
    assertThat(Duration.ofNanos(now.get() - before))
        .isBetween(Duration.ofSeconds(seconds), Duration.ofSeconds(seconds + 1));
  }

  // Closing under a thread that is at it.

  @Test
  void memoryIsNotTakenFromUnderAThreadThatIsInTheMiddleOfAPoll() throws Exception {
    WatchedFunction function = new WatchedFunction(own(rig.function(TestDrive.BLOCKS_OF_512)));
    NvmeController controller =
        PcieTransport.open(function, telling().withAdminTimeout(Duration.ofMillis(50)));
    IoQueue queue = controller.createIoQueue(4);
    assertThat(queue.flush(controller.namespace(1), 1)).isTrue();
    CountDownLatch in = new CountDownLatch(1);
    CountDownLatch out = new CountDownLatch(1);
    Thread owner = Thread.ofPlatform().start(() -> pollAndStay(queue, in, out));
    in.await();
    controller.close();
    assertThat(function.isClosed()).isFalse();
    assertToldOnly("is still in use by a thread, and keeps its memory until this process ends");
    out.countDown();
    owner.join();
    assertThatThrownBy(() -> queue.poll((tag, status) -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith(" is closed");
  }

  @Test
  void aThreadThatIsInTheMiddleOfAPollIsWaitedFor() throws Exception {
    WatchedFunction function = new WatchedFunction(rig.function(TestDrive.BLOCKS_OF_512));
    NvmeController controller = own(PcieTransport.open(function, telling()));
    IoQueue queue = controller.createIoQueue(4);
    assertThat(queue.flush(controller.namespace(1), 1)).isTrue();
    CountDownLatch in = new CountDownLatch(1);
    CountDownLatch out = new CountDownLatch(1);
    Thread owner = Thread.ofPlatform().start(() -> pollAndStay(queue, in, out));
    in.await();
    Thread closer = Thread.ofPlatform().start(controller::close);
    Deadline deadline = new Deadline("closing to begin");
    while (!controller.toString().endsWith(", closed")) {
      deadline.check();
    }
    assertThat(function.isClosed()).isFalse();
    out.countDown();
    closer.join();
    owner.join();
    assertThat(function.isClosed()).isTrue();
    assertThat(notices).isEmpty();
  }

  /** Polls until something completes, and then stays in the handler. */
  private static void pollAndStay(IoQueue queue, CountDownLatch in, CountDownLatch out) {
    Deadline deadline = new Deadline("a completion");
    while (in.getCount() > 0) {
      queue.poll((tag, status) -> {
        in.countDown();
        try {
          out.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      });
      deadline.check();
    }
  }
}
