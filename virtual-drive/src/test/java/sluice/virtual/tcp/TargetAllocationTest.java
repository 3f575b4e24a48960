package sluice.virtual.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.IoQueue;
import sluice.nvme.NvmeController;
import sluice.vfio.DmaMemory;

/** In steady state the target's thread allocates nothing, whatever way data goes. */
class TargetAllocationTest {
  private static final int COMMANDS = 20_000;
  private static final int ROUNDS = 100;
  private static final long FEW_BYTES = 1024;

  @ParameterizedTest
  @CsvSource({
    "memory, no, false, 8",
    "memory, yes, false, 8",
    "memory, no, true, 8",
    "memory, yes, true, 8",
    "null, no, true, 64",
    "null, yes, false, 64"
  })
  void nothing(String media, String digests, boolean isWrite, int blocks) {
    RunningTarget target = RunningTarget.of(media + "?size=64M");
    String options = "?hdgst=%s&ddgst=%s".formatted(digests, digests);
    try (target;
        NvmeController controller =
            Drives.open(
                DriveAddress.parse(target.address("a") + options), ControllerOptions.defaults());
        IoQueue queue = controller.createIoQueue(32)) {
      DmaMemory memory = controller.dma().allocate(512L * blocks);
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long bytes = Long.MAX_VALUE;
      for (int round = 0; round < ROUNDS && bytes > FEW_BYTES; round++) {
        long before = threads.getThreadAllocatedBytes(target.threadId());
        for (int done = 0; done < COMMANDS; ) {
          while (queue.outstanding() < 16 && request(controller, queue, memory, isWrite, blocks)) {
            // As many as there is room for.
          }
          done += queue.poll((_, status) -> assertThat(status).isZero());
        }
        bytes = threads.getThreadAllocatedBytes(target.threadId()) - before;
      }
      assertThat(bytes).as("bytes for %d commands", COMMANDS).isLessThanOrEqualTo(FEW_BYTES);
    }
  }

  private static boolean request(
      NvmeController controller, IoQueue queue, DmaMemory memory, boolean isWrite, int blocks) {
    return isWrite
        ? queue.write(controller.namespace(1), 0, blocks, memory, 0, 1)
        : queue.read(controller.namespace(1), 0, blocks, memory, 0, 1);
  }
}
