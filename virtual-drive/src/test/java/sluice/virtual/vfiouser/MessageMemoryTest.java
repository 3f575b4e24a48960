package sluice.virtual.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.IoQueue;
import sluice.nvme.NvmeController;
import sluice.support.agent.AgentRunner;
import sluice.support.agent.IdleStrategy;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.virtual.BlockIo;

/** Queues, lists and data of a client that does not let its memory be mapped. */
class MessageMemoryTest {
  @TempDir Path folder;
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());
  private AgentRunner server;
  private StrippingProxy proxy;
  private AgentRunner between;

  private NvmeController open(String drive, boolean isTwin) {
    Path socket = folder.resolve("s");
    DriveServer made =
        DriveServer.open(socket, DriveAddress.parse(drive), System::nanoTime, log::add);
    server = AgentRunner.start(made, made.idle());
    proxy = new StrippingProxy(folder.resolve("p"), socket, !isTwin);
    between = AgentRunner.start(proxy, IdleStrategy.backingOff());
    return Drives.open("vfio-user:" + folder.resolve("p"));
  }

  @AfterEach
  void close() {
    between.close();
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "false, virtual:memory?size=16M",
    "true, virtual:memory?size=16M",
    "false, virtual:memory?size=16M&mdts=9",
    "true, virtual:memory?size=16M&lba=4096&latency=50us"
  })
  void allMemoryByMessages(boolean isTwin, String drive) {
    try (NvmeController controller = open(drive, isTwin);
        IoQueue queue = controller.createIoQueue(8)) {
      BlockIo io = new BlockIo(controller, queue, controller.namespace(1));
      int size = 3 << 20;
      DmaMemory written = controller.dma().allocate(size);
      DmaMemory read = controller.dma().allocate(size);
      for (long at = 0; at < size; at += 8) {
        OffHeap.putLong(written.address() + at, at * 31);
      }
      io.write(0, written, 0, size);
      io.read(0, read, 0, size);
      assertThat(OffHeap.isEqual(written.address(), read.address(), size)).isTrue();
    }
    assertThat(proxy.stripped()).as("descriptors taken away").isGreaterThan(2);
    if (isTwin) {
      assertThat(proxy.asked()).as("messages for memory go by the other socket").isZero();
    } else {
      assertThat(proxy.asked()).as("messages for memory").isGreaterThan(20);
    }
  }

  @Test
  void resetsMeanwhile() {
    try (NvmeController controller = open("virtual:memory?size=16M", false)) {
      for (int i = 0; i < 3; i++) {
        DmaMemory memory = controller.dma().allocate(8192);
        try (IoQueue queue = controller.createIoQueue(8)) {
          BlockIo io = new BlockIo(controller, queue, controller.namespace(1));
          io.write(0, memory, 0, 8192);
        }
        controller.dma().free(memory);
        controller.reset();
      }
    }
    assertThat(log).first().isEqualTo("a client has connected");
  }
}
