package sluice.virtual.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.CompletionMode;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.pcie.PcieTransport;
import sluice.support.agent.AgentRunner;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.virtual.BlockIo;

/** The driver, and the server on a thread of its own; all between them goes through the socket. */
class DriverOnServedDriveTest {
  private static final long LONG_NANOS = Duration.ofSeconds(60).toNanos();

  @TempDir Path folder;
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());
  private AgentRunner server;

  private void serve(String drive) {
    DriveServer made =
        DriveServer.open(socket(), DriveAddress.parse(drive), System::nanoTime, log::add);
    server = AgentRunner.start(made, made.idle());
  }

  private Path socket() {
    return folder.resolve("cntrl");
  }

  private NvmeController open(ControllerOptions options) {
    return Drives.open(DriveAddress.parse("vfio-user:" + socket()), options);
  }

  @AfterEach
  void stop() {
    server.close();
    assertThat(Files.exists(socket())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "&lba=4096&mdts=1", "&dstrd=3", "&shadow=yes", "&latency=20us"})
  void writesAndReadsBack(String options) {
    serve("virtual:" + folder.resolve("disk.img") + "?size=64M" + options);
    for (int client = 0; client < 2; client++) {
      try (NvmeController controller = open(ControllerOptions.defaults())) {
        transfer(controller, client == 0);
      }
    }
    assertThat(log).first().isEqualTo("a client has connected");
  }

  private static void transfer(NvmeController controller, boolean write) {
    Namespace namespace = controller.namespace(1);
    int size = 1 << 20;
    DmaMemory memory = controller.dma().allocate(size);
    DmaMemory expected = controller.dma().allocate(size);
    try (IoQueue queue = controller.createIoQueue(8)) {
      BlockIo io = new BlockIo(controller, queue, namespace);
      for (int i = 0; i < 4; i++) {
        for (long at = 0; at < size; at += 8) {
          OffHeap.putLong(expected.address() + at, at * 31 + i);
        }
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

  @ParameterizedTest
  @EnumSource
  void interruptsArrive(CompletionMode mode) {
    serve("virtual:memory?size=16M");
    try (NvmeController controller = open(ControllerOptions.defaults().withCompletions(mode))) {
      DmaMemory memory = controller.dma().allocate(4096);
      try (IoQueue queue = controller.createIoQueue(8)) {
        for (int i = 0; i < 2000; i++) {
          assertThat(queue.read(controller.namespace(1), i, 1, memory, 0, i)).isTrue();
          while (queue.outstanding() > 0) {
            assertThat(queue.await(LONG_NANOS)).as("a completion ends wait %d", i).isTrue();
            int _ = queue.poll((tag, status) -> assertThat(status).as("of %d", tag).isZero());
          }
        }
      }
    }
  }

  @Test
  void resets() {
    serve("virtual:memory?size=64M");
    try (NvmeController controller = open(ControllerOptions.defaults())) {
      for (int i = 0; i < 5; i++) {
        controller.reset();
        transfer(controller, true);
        PcieTransport.functionOf(controller).reset();
        controller.reset();
        transfer(controller, false);
      }
    }
  }
}
