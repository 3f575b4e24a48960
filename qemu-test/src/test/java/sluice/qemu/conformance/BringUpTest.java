package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import sluice.nvme.ControllerOptions;
import sluice.nvme.NvmeController;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.Registers;
import sluice.vfio.Bar;
import sluice.vfio.PciFunction;

/** From every state to a running controller, and back (NVM Express 1.4, sections 3.1.5 and 7.6). */
class BringUpTest extends ConformanceTest {
  @Test
  void fromDisabled() {
    PciFunction function = openFunction(TestDrive.BLOCKS_OF_512);
    assertThat(Cc.en(function.bar(0).read32(Registers.CC))).isFalse();
    assertRuns(NvmeController.open(function, ControllerOptions.defaults()));
  }

  @Test
  void closingLeavesItShutDownAndDisabled() {
    PciFunction function = openFunction(TestDrive.BLOCKS_OF_512);
    NvmeController.open(function, ControllerOptions.defaults()).close();
    Bar bar = openFunction(TestDrive.BLOCKS_OF_512).bar(0);
    assertThat(Cc.en(bar.read32(Registers.CC))).isFalse();
    assertThat(Csts.rdy(bar.read32(Registers.CSTS))).isFalse();
  }

  private static void assertRuns(NvmeController controller) {
    try (controller) {
      assertThat(controller.namespaces()).isNotEmpty();
      assertThat(controller.admin().smartLog().compositeTemperature()).isPositive();
    }
  }
}
