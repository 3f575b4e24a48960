package sluice.virtual.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.nvme.CompletionMode;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.IoQueue;
import sluice.nvme.NvmeController;
import sluice.support.agent.AgentRunner;
import sluice.support.agent.IdleStrategy;
import sluice.vfio.DmaMemory;

/**
 * In steady state the server's thread allocates nothing, with interrupts and looks at its socket.
 */
class ServedAllocationTest {
  private static final int COMMANDS = 20_000;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void nothing(CompletionMode mode) {
    DriveAddress drive = DriveAddress.parse("virtual:null?size=1G");
    DriveServer made = DriveServer.open(folder.resolve("s"), drive, System::nanoTime, _ -> {});
    AtomicLong thread = new AtomicLong();
    AgentRunner server =
        AgentRunner.start(
            made,
            new IdleStrategy() {
              private final IdleStrategy idle = made.idle();

              @Override
              public void idle(int work) {
                thread.setPlain(Thread.currentThread().threadId());
                idle.idle(work);
              }
            });
    ControllerOptions options = ControllerOptions.defaults().withCompletions(mode);
    try (NvmeController controller =
            Drives.open(DriveAddress.parse("vfio-user:" + folder.resolve("s")), options);
        IoQueue queue = controller.createIoQueue(32)) {
      DmaMemory memory = controller.dma().allocate(4096);
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long bytes = Long.MAX_VALUE;
      for (int round = 0; round < 100 && bytes > 1024; round++) {
        long before = threads.getThreadAllocatedBytes(thread.get());
        for (int done = 0; done < COMMANDS; ) {
          while (queue.outstanding() < 16
              && queue.read(controller.namespace(1), done, 8, memory, 0, done)) {
            // As many as there is room for.
          }
          done += queue.poll((_, status) -> assertThat(status).isZero());
        }
        bytes = threads.getThreadAllocatedBytes(thread.get()) - before;
      }
      assertThat(bytes).as("bytes for %d commands", COMMANDS).isLessThanOrEqualTo(1024);
    }
    server.close();
  }
}
