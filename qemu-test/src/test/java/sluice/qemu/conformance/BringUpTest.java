package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.ControllerOptions;
import sluice.nvme.NvmeController;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Aqa;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.Registers;
import sluice.vfio.DmaMemory;
import sluice.vfio.PciFunction;

/** From every state to a running controller, and back (NVM Express 1.4, sections 3.1.5 and 7.6). */
class BringUpTest extends PciConformanceTest {
  @Test
  void fromDisabled() {
    PciFunction function = openFunction(TestDrive.BLOCKS_OF_512);
    assertThat(Cc.en(function.bar(0).read32(Registers.CC))).isFalse();
    assertThat(Csts.rdy(function.bar(0).read32(Registers.CSTS))).isFalse();
    assertRuns(function);
  }

  @Test
  void fromEnabledAndReady() {
    assertRuns(openRaw(TestDrive.BLOCKS_OF_512).function());
  }

  @Test
  void fromEnabledWithQueuesAndCommandsOut() {
    RawController raw = openRaw(TestDrive.BLOCKS_OF_512);
    RawQueue queue = raw.createQueue(1, 16);
    int _ = raw.admin().submit(new RawCommand(AdminOpcode.ASYNCHRONOUS_EVENT_REQUEST));
    DmaMemory data = raw.allocate(4096);
    for (int i = 0; i < 8; i++) {
      int _ = queue.submit(new RawCommand(2).nsid(1).prps(data.iova(), 0).blocks(i, 8));
    }
    assertRuns(raw.function());
  }

  @Test
  void fromEnabledAndNotYetReady() {
    RawController raw = new RawController(openFunction(TestDrive.BLOCKS_OF_512));
    raw.beginEnable();
    assertRuns(raw.function());
  }

  @Test
  void fromDisabledAndStillReady() {
    RawController raw = openRaw(TestDrive.BLOCKS_OF_512);
    raw.bar().write32(Registers.CC, Cc.en(RawController.CC_ENABLED, false));
    assertRuns(raw.function());
  }

  @Test
  void fromAFatalStatus() {
    RawController raw = new RawController(openFunction(TestDrive.BLOCKS_OF_512));
    raw.bar().write32(Registers.AQA, Aqa.of(1, 1));
    raw.bar().write64(Registers.ASQ, raw.allocate(4096).iova());
    raw.bar().write64(Registers.ACQ, raw.allocate(4096).iova());
    raw.bar().write32(Registers.CC, RawController.CC_ENABLED);
    raw.awaitStatus("fatal, for its admin queues are too small", Csts::cfs);
    assertThat(Csts.rdy(raw.bar().read32(Registers.CSTS))).isFalse();
    assertRuns(raw.function());
  }

  @Test
  void fromAFatalStatusThatEndsLaterThanTheDisabling() {
    assertRuns(
        new WatchedFunction(rig.function(TestDrive.BLOCKS_OF_512)) {
          private int left = 10;

          @Override
          int read(long offset, int value) {
            if (offset != Registers.CSTS || left == 0) {
              return value;
            }
            left--;
            return Csts.cfs(value, true);
          }
        });
  }

  @Test
  void fromShutDown() {
    RawController raw = openRaw(TestDrive.BLOCKS_OF_512);
    raw.bar().write32(Registers.CC, Cc.shn(RawController.CC_ENABLED, Cc.SHN_NORMAL));
    raw.awaitStatus("shut down", csts -> Csts.shst(csts) == Csts.SHST_COMPLETE);
    assertRuns(raw.function());
  }

  @Test
  void fromAnAbruptShutdown() {
    RawController raw = openRaw(TestDrive.BLOCKS_OF_512);
    raw.bar().write32(Registers.CC, Cc.shn(RawController.CC_ENABLED, Cc.SHN_ABRUPT));
    raw.awaitStatus("shut down", csts -> Csts.shst(csts) == Csts.SHST_COMPLETE);
    assertRuns(raw.function());
  }

  @Test
  void fromAResetOfTheFunction() {
    RawController raw = openRaw(TestDrive.BLOCKS_OF_512);
    raw.function().reset();
    assertThat(Cc.en(raw.bar().read32(Registers.CC))).isFalse();
    assertRuns(raw.function());
  }

  @Test
  void closingShutsDownAndDisables() {
    Witness witness = new Witness(rig.function(TestDrive.BLOCKS_OF_512));
    NvmeController controller = own(PcieTransport.open(witness, options()));
    controller.close();
    assertThat(witness.shutdowns).as("shutdown notifications").isEqualTo(List.of(Cc.SHN_NORMAL));
    assertThat(witness.shutdownCompleted).as("CSTS.SHST was waited for").isTrue();
    assertThat(Cc.en(witness.ccAtClose)).isFalse();
    assertThat(Csts.rdy(witness.cstsAtClose)).isFalse();
    assertThat(witness.isClosed()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void withAndWithoutShadowDoorbells(boolean wanted) {
    ControllerOptions options = options().withShadowDoorbells(wanted);
    NvmeController controller = open(TestDrive.BLOCKS_OF_512, options);
    assertThat(PcieTransport.of(controller).orElseThrow().usesShadowDoorbells()).isEqualTo(wanted);
    Pump pump = pump(controller, 8);
    DmaMemory memory = controller.dma().allocate(4096);
    for (int i = 0; i < 100; i++) {
      pump.succeed(tag -> pump.queue().read(controller.namespace(1), 0, 1, memory, 0, tag));
    }
  }

  private void assertRuns(PciFunction function) {
    try (NvmeController controller = PcieTransport.open(function, options())) {
      assertThat(controller.namespaces()).hasSize(1);
      assertThat(controller.admin().smartLog().compositeTemperature()).isPositive();
      Pump pump = pump(controller, 4);
      DmaMemory memory = controller.dma().allocate(4096);
      pump.succeed(tag -> pump.queue().read(controller.namespace(1), 0, 1, memory, 0, tag));
    }
  }

  /** Sees a controller's end. */
  private static final class Witness extends WatchedFunction {
    private final PciFunction inner;
    private final List<Integer> shutdowns = new ArrayList<>();
    private boolean shutdownCompleted;
    private int ccAtClose;
    private int cstsAtClose;

    Witness(PciFunction inner) {
      super(inner);
      this.inner = inner;
    }

    @Override
    int read(long offset, int value) {
      if (offset == Registers.CSTS && Csts.shst(value) == Csts.SHST_COMPLETE) {
        shutdownCompleted = true;
      }
      return value;
    }

    @Override
    boolean passes(long offset, int value) {
      if (offset == Registers.CC && Cc.shn(value) != 0) {
        shutdowns.add(Cc.shn(value));
      }
      return true;
    }

    @Override
    void beforeClose() {
      ccAtClose = inner.bar(0).read32(Registers.CC);
      cstsAtClose = inner.bar(0).read32(Registers.CSTS);
    }
  }
}
