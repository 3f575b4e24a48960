package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.Registers;
import sluice.queues.CompletionEntry;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.virtual.media.Backend;
import sluice.virtual.media.FileBackend;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.media.NullBackend;
import sluice.virtual.pci.Host;
import sluice.virtual.personality.Personalities;

/** In steady state the drive allocates nothing of its own on the heap, whatever the command. */
class AllocationTest {
  private static final int ENTRIES = 64;
  private static final int BATCH = 32;
  private static final int BATCHES = 300;

  /** One command in so many is Write Zeroes, which is a system call unless the drive is null. */
  private static final int ZEROS_EVERY = 8;

  /** Of a system call that the JIT did not inline to its bottom. */
  private static final int ERRNO_SLICE_BYTES = 40;

  private static final int NOT_THE_DRIVES = 1024;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "memory latency=0ns",
        "null latency=0ns",
        "file latency=0ns",
        "memory latency=5us&bandwidth=100GB/s&cliff=1G&after=1GB/s&pause=1us&every=1ms&jitter=10%",
        "memory error=lba:3:internal",
        "memory flip=lba:5"
      })
  void nothing(String kind) {
    String[] parts = kind.split(" ");
    Backend backend =
        switch (parts[0]) {
          case "memory" -> new MemoryBackend(16 << 20);
          case "null" -> new NullBackend(16 << 20);
          default -> FileBackend.open(folder.resolve("d.img"), OptionalLong.of(16 << 20), 512);
        };
    try (Host host = Host.ready(new DriveSettings(), Personalities.of(parts[1]), backend)) {
      Host.Queue queue = host.createQueue(1, ENTRIES);
      DmaMemory data = host.memory(8192);
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      // A file's flushes take the disk's time, so there are few.
      int batchesPerFlush = parts[0].equals("file") ? 50 : 1;
      // The JIT settles in the first rounds, but not always on the call that zeros.
      int calls = parts[0].equals("null") ? 0 : BATCHES * BATCH / ZEROS_EVERY;
      long most = NOT_THE_DRIVES + (long) calls * ERRNO_SLICE_BYTES;
      long bytes = Long.MAX_VALUE;
      for (int round = 0; round < 400 && bytes > NOT_THE_DRIVES; round++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        run(host, queue, data, batchesPerFlush);
        bytes = threads.getCurrentThreadAllocatedBytes() - before;
      }
      assertThat(bytes)
          .as("bytes allocated for %d commands", BATCHES * BATCH)
          .isLessThanOrEqualTo(most);
    }
  }

  private static void run(Host host, Host.Queue queue, DmaMemory data, int perFlush) {
    long sqDoorbell = host.bar.mapping(Registers.submissionDoorbell(1, 0), 4).get().address();
    long cqDoorbell = host.bar.mapping(Registers.completionDoorbell(1, 0), 4).get().address();
    for (int batch = 0; batch < BATCHES; batch++) {
      for (int i = 0; i < BATCH; i++) {
        long entry = queue.begin(opcode(i, batch % perFlush == 0), 1);
        SubmissionEntry.cdw10And11(entry, i);
        SubmissionEntry.cdw(entry, 12, i % 16);
        SubmissionEntry.prps(entry, data.iova(), data.iova() + 4096);
      }
      OffHeap.putIntRelease(sqDoorbell, queue.tail);
      for (int done = 0; done < BATCH; ) {
        host.step();
        host.clock.advance(1000);
        while (CompletionEntry.hasPhaseAcquire(
            queue.cq.address() + queue.head * 16L, queue.phase)) {
          queue.head = (queue.head + 1) % ENTRIES;
          queue.phase ^= queue.head == 0 ? 1 : 0;
          done++;
        }
        OffHeap.putIntRelease(cqDoorbell, queue.head);
      }
    }
  }

  private static int opcode(int i, boolean flush) {
    return switch (i % ZEROS_EVERY) {
      case 0 -> IoOpcode.WRITE_ZEROES;
      case 1 -> IoOpcode.COMPARE;
      case 2 -> IoOpcode.VERIFY;
      case 3 -> flush ? IoOpcode.FLUSH : IoOpcode.READ;
      case 4, 5 -> IoOpcode.WRITE;
      default -> IoOpcode.READ;
    };
  }
}
