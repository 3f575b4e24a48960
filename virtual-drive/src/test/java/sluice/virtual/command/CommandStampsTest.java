package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.Drives;
import sluice.nvme.IoQueue;
import sluice.nvme.NvmeController;
import sluice.nvme.pcie.PcieTransport;
import sluice.vfio.DeviceStamps;
import sluice.vfio.DmaMemory;
import sluice.virtual.BlockIo;

/** The drive tells when it did what. */
class CommandStampsTest {
  @ParameterizedTest
  @ValueSource(strings = {"thread=shared", "thread=own", "thread=shared&latency=1ms"})
  void areInOrderAndOfTheLastCommand(String options) {
    try (NvmeController controller = Drives.open("virtual:memory?size=16M&" + options)) {
      DeviceStamps stamps = PcieTransport.functionOf(controller).stamps().orElseThrow();
      assertThat(PcieTransport.functionOf(controller).stamps()).containsSame(stamps);
      DmaMemory memory = controller.dma().allocate(4096);
      try (IoQueue queue = controller.createIoQueue(2)) {
        BlockIo io = new BlockIo(controller, queue, controller.namespace(1));
        for (int i = 0; i < 10; i++) {
          long before = System.nanoTime();
          io.read(0, memory, 0, 4096);
          long after = System.nanoTime();
          assertThat(stamps.fetchedNanos() - before).as("fetched").isNotNegative();
          assertThat(stamps.movedNanos() - stamps.fetchedNanos()).as("moved").isNotNegative();
          assertThat(stamps.postedNanos() - stamps.movedNanos()).as("posted").isNotNegative();
          assertThat(after - stamps.postedNanos()).as("seen").isNotNegative();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"thread=shared", "thread=own"})
  void areOfIoCommandsOnly(String options) {
    try (NvmeController controller = Drives.open("virtual:memory?size=16M&" + options)) {
      DeviceStamps stamps = PcieTransport.functionOf(controller).stamps().orElseThrow();
      controller.createIoQueue(2).close();
      assertThat(stamps.fetchedNanos()).isZero();
      assertThat(stamps.movedNanos()).isZero();
      assertThat(stamps.postedNanos()).isZero();
    }
  }
}
