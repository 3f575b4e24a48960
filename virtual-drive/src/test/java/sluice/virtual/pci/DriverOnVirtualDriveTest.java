package sluice.virtual.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.Drives;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.virtual.BlockIo;

/** The driver and the drive, as a user has them: by an address. */
class DriverOnVirtualDriveTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "thread=shared",
        "thread=own",
        "thread=shared&lba=4096&mdts=1",
        "thread=own&shadow=yes&dstrd=2",
        "thread=shared&shadow=yes",
        "thread=shared&latency=5us&bandwidth=8GB/s&pause=1ms&every=3ms&jitter=10%",
        "thread=own&latency=20us"
      })
  void writesAndReadsBack(String options) {
    String address = "virtual:" + folder.resolve("disk.img") + "?size=64M&" + options;
    try (NvmeController controller = Drives.open(address)) {
      transfer(controller, true);
    }
    try (NvmeController controller = Drives.open(address)) {
      transfer(controller, false);
    }
  }

  private static void transfer(NvmeController controller, boolean write) {
    Namespace namespace = controller.namespace(1);
    int size = 1 << 20;
    DmaMemory memory = controller.dma().allocate(size);
    DmaMemory expected = controller.dma().allocate(size);
    try (IoQueue queue = controller.createIoQueue(8)) {
      BlockIo io = new BlockIo(controller, queue, namespace);
      for (int i = 0; i < 4; i++) {
        Host.fill(expected, i);
        if (write) {
          io.write((long) i * size, expected, 0, size);
        } else {
          io.read((long) i * size, memory, 0, size);
          assertThat(OffHeap.isEqual(memory.address(), expected.address(), size)).isTrue();
        }
      }
      io.flush();
    }
    assertThat(namespace.bytes()).isEqualTo(64 << 20);
  }

  @Test
  void resetsUnderTheDriver() {
    try (NvmeController controller = Drives.open("virtual:memory?size=16M&thread=own")) {
      for (int i = 0; i < 5; i++) {
        controller.reset();
        transferOnce(controller);
      }
    }
  }

  private static void transferOnce(NvmeController controller) {
    DmaMemory memory = controller.dma().allocate(4096);
    try (IoQueue queue = controller.createIoQueue(2)) {
      BlockIo io = new BlockIo(controller, queue, controller.namespace(1));
      io.write(0, memory, 0, 4096);
      io.read(0, memory, 0, 4096);
    }
  }
}
