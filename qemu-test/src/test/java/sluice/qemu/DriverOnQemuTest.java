package sluice.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.CommandFailedException;
import sluice.nvme.ControllerOptions;
import sluice.nvme.IoQueue;
import sluice.nvme.NvmeController;
import sluice.nvme.pcie.PcieTransport;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/** The project's driver on the rig: bytes arrive, and QEMU's faults do. */
class DriverOnQemuTest {
  private static final int CHUNK = 512 << 10;

  @RegisterExtension
  static final QemuNvme qemu =
      QemuNvme.withDrive(drive ->
          drive
              .size("32M")
              .lba(4096)
              .namespace(ns ->
                  ns.size("1M")
                      .filter(
                          "driver=blkdebug,inject-error.0.event=none,"
                              + "inject-error.0.iotype=read,inject-error.0.sector=8")));

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void writesAndReadsBack(boolean shadowDoorbells) throws IOException {
    long seed = System.nanoTime();
    byte[] stream = new byte[4 * CHUNK];
    new Random(seed).nextBytes(stream);
    ControllerOptions options = ControllerOptions.defaults().withShadowDoorbells(shadowDoorbells);
    try (NvmeController controller = PcieTransport.open(qemu.open(), options);
        IoQueue queue = controller.createIoQueue(16)) {
      BlockIo io = new BlockIo(controller, queue, controller.namespace(1));
      DmaMemory memory = controller.dma().allocate(stream.length);
      MemorySegment.copy(stream, 0, memory.segment(), ValueLayout.JAVA_BYTE, 0, stream.length);

      io.write(CHUNK, memory, 0, stream.length);
      io.flush();
      OffHeap.zero(memory.address(), memory.size());
      io.read(CHUNK, memory, 0, stream.length);

      assertThat(PcieTransport.of(controller).orElseThrow().usesShadowDoorbells())
          .isEqualTo(shadowDoorbells);
      assertThat(memory.segment().toArray(ValueLayout.JAVA_BYTE))
          .as("seed %d", seed)
          .isEqualTo(stream);
    }
    byte[] image = Files.readAllBytes(qemu.machine().image(1));
    assertThat(Arrays.copyOfRange(image, CHUNK, CHUNK + stream.length))
        .as("seed %d, on the drive itself", seed)
        .isEqualTo(stream);
  }

  @Test
  void injectsFaults() {
    try (NvmeController controller = PcieTransport.open(qemu.open(), ControllerOptions.defaults());
        IoQueue queue = controller.createIoQueue(16)) {
      BlockIo io = new BlockIo(controller, queue, controller.namespace(2));
      DmaMemory memory = controller.dma().allocate(4096);

      io.read(0, memory, 0, 4096);

      assertThatThrownBy(() -> io.read(4096, memory, 0, 4096))
          .isInstanceOf(CommandFailedException.class);
    }
  }

  @Test
  void throttlesANamespaceByItsName() {
    try (NvmeController controller = PcieTransport.open(qemu.open(), ControllerOptions.defaults());
        IoQueue queue = controller.createIoQueue(16)) {
      BlockIo io = new BlockIo(controller, queue, controller.namespace(1));
      DmaMemory memory = controller.dma().allocate(4096);

      Object _ = qemu.qmp().execute("block_set_io_throttle", throttle(1000));
      io.read(0, memory, 0, 4096);
      assertThat(qemu.qmp().execute("query-block").toString())
          .contains("qdev=ns1")
          .contains("iops=1000,");

      Object _ = qemu.qmp().execute("block_set_io_throttle", throttle(0));
      io.read(0, memory, 0, 4096);
      assertThat(qemu.qmp().execute("query-block").toString()).doesNotContain("iops=1000,");
    }
  }

  private static Map<String, Object> throttle(int iops) {
    return Map.of(
        "id", "ns1", "iops", iops, "iops_rd", 0, "iops_wr", 0, "bps", 0, "bps_rd", 0, "bps_wr", 0);
  }
}
