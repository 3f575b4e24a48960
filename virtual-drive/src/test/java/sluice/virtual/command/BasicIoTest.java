package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.IdentifyCns;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.IoOpcode;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.virtual.pci.Host;

class BasicIoTest {
  @ParameterizedTest
  @ValueSource(ints = {512, 4096})
  void whatIsWrittenIsRead(int blockBytes) {
    try (Host host = Host.ready(new DriveSettings().blockBytes(blockBytes))) {
      Host.Queue queue = host.createQueue(1, 16);
      DmaMemory written = host.memory(4096);
      DmaMemory read = host.memory(4096);
      int blocks = 4096 / blockBytes;
      for (int i = 0; i < 100; i++) {
        Host.fill(written, i);
        assertThat(host.io(queue, IoOpcode.WRITE, (long) i * blocks, blocks, written)).isZero();
      }
      assertThat(host.io(queue, IoOpcode.FLUSH, 0, 1, null)).isZero();
      for (int i = 0; i < 100; i++) {
        Host.fill(written, i);
        assertThat(host.io(queue, IoOpcode.READ, (long) i * blocks, blocks, read)).isZero();
        assertThat(OffHeap.isEqual(written.address(), read.address(), 4096))
            .as("block %d", i)
            .isTrue();
      }
    }
  }

  @Test
  void identifiesItself() {
    try (Host host = Host.ready()) {
      DmaMemory page = host.memory(4096);
      assertThat(host.admin(AdminOpcode.IDENTIFY, 0, page, IdentifyCns.CONTROLLER).status())
          .isZero();
      IdentifyController controller = new IdentifyController(page.segment());
      assertThat(controller.mn()).isEqualTo("sluice virtual drive");
      assertThat(controller.nn()).isEqualTo(1);
    }
  }
}
