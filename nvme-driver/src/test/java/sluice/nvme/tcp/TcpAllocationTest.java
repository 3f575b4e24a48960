package sluice.nvme.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.CompletionHandler;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.vfio.DmaMemory;

/** In steady state a queue's owner allocates nothing on the heap, with and without digests. */
class TcpAllocationTest {
  private static final int DEPTH = 16;
  private static final int REQUESTS = 4000;
  private static final int ROUNDS = 60;

  /** What the measuring itself takes. */
  private static final int NOT_THE_QUEUES = 1024;

  private int done;
  private int failed;

  private final CompletionHandler ended =
      (tag, status) -> {
        done++;
        failed += status == 0 ? 0 : 1;
      };

  @ParameterizedTest
  @ValueSource(strings = {"", "?hdgst=yes&ddgst=yes"})
  void nothing(String options) throws IOException {
    try (TestTarget target = new TestTarget();
        NvmeController controller =
            Drives.open(
                DriveAddress.parse(target.address() + options), ControllerOptions.defaults());
        IoQueue queue = controller.createIoQueue(DEPTH)) {
      target.inCapsule = 4096;
      Namespace namespace = controller.namespace(1);
      DmaMemory memory = controller.dma().allocate(DEPTH * 8192L);
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long bytes = Long.MAX_VALUE;
      for (int round = 0; round < ROUNDS && bytes > NOT_THE_QUEUES; round++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        run(queue, namespace, memory);
        bytes = threads.getCurrentThreadAllocatedBytes() - before;
      }
      assertThat(failed).isZero();
      assertThat(bytes)
          .as("bytes allocated for %d requests", REQUESTS)
          .isLessThanOrEqualTo(NOT_THE_QUEUES);
    }
  }

  private void run(IoQueue queue, Namespace namespace, DmaMemory memory) {
    done = 0;
    int asked = 0;
    while (done < REQUESTS) {
      while (asked < REQUESTS && request(queue, namespace, memory, asked)) {
        asked++;
      }
      int _ = queue.poll(ended);
    }
  }

  /** Reads, writes in capsules, and flushes. */
  private static boolean request(IoQueue queue, Namespace namespace, DmaMemory memory, int number) {
    long offset = number % DEPTH * 8192L;
    return switch (number % 3) {
      case 0 -> queue.write(namespace, number % 512, 8, memory, offset, number);
      case 1 -> queue.flush(namespace, number);
      default -> queue.read(namespace, number % 512, 16, memory, offset, number);
    };
  }
}
