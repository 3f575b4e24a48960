package sluice.virtual;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.agent.IdleStrategy;
import sluice.nvme.spec.Registers;
import sluice.nvme.spec.StatusCode;
import sluice.vfio.Bar;
import sluice.vfio.ConfigSpace;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;
import sluice.vfio.OffHeap;
import sluice.vfio.PciFunction;

/** The driver on a drive that answers nothing any more, not even an abort, until it is reset. */
class HungDriveTest {
  private static final Duration TIMEOUT = Duration.ofMillis(100);

  /** Time passes with the turns that the function is given. */
  private final AtomicLong clock = new AtomicLong();

  private final ControllerOptions options =
      ControllerOptions.defaults()
          .withIoTimeout(TIMEOUT)
          .withAdminTimeout(TIMEOUT)
          .withIdle(IdleStrategy::spinning)
          .withNanoClock(clock::get);

  @Test
  void aDriveThatDoesNotEvenAnswerAnAbortIsResetAndGoesOn() {
    HangingFunction function =
        new HangingFunction(
            VirtualDriveProvider.function(
                DriveAddress.parse("virtual:memory?size=16M&thread=shared"), options));
    try (NvmeController controller = NvmeController.open(function, options);
        IoQueue queue = controller.createIoQueue(4)) {
      Namespace namespace = controller.namespace(1);
      DmaMemory memory = controller.dma().allocate(8192);
      OffHeap.putLong(memory.address(), 4711);
      function.isHung = true;
      assertThat(queue.write(namespace, 0, 8, memory, 0, 7)).isTrue();
      assertThat(pollUntilReported(queue)).containsExactly(StatusCode.ABORTED_BY_HOST.status());
      assertThat(function.isHung).isFalse();

      assertThat(queue.write(namespace, 0, 8, memory, 0, 7)).isTrue();
      assertThat(pollUntilReported(queue)).containsExactly(0);
      assertThat(queue.read(namespace, 0, 8, memory, 4096, 7)).isTrue();
      assertThat(pollUntilReported(queue)).containsExactly(0);
      assertThat(OffHeap.getLong(memory.address() + 4096)).isEqualTo(4711);
    }
  }

  @Test
  void aStuckCommandIsFoundHoweverMuchElseCompletes() {
    HangingFunction function =
        new HangingFunction(
            VirtualDriveProvider.function(
                DriveAddress.parse("virtual:memory?size=16M&thread=shared&stuck=count:1"),
                options));
    try (NvmeController controller = NvmeController.open(function, options);
        IoQueue queue = controller.createIoQueue(4)) {
      Namespace namespace = controller.namespace(1);
      DmaMemory memory = controller.dma().allocate(4096);
      List<Integer> ofFlush = new ArrayList<>();
      assertThat(queue.flush(namespace, 1)).isTrue();
      long start = clock.get();
      while (ofFlush.isEmpty()) {
        assertThat(queue.write(namespace, 0, 8, memory, 0, 2)).isTrue();
        int reported =
            queue.poll((tag, status) -> {
              if (tag == 1) {
                ofFlush.add(status);
              }
            });
        assertThat(reported).isPositive();
        assertThat(clock.get() - start).isLessThan(Duration.ofSeconds(1).toNanos());
      }
      assertThat(ofFlush).containsExactly(StatusCode.ABORT_REQUESTED.status());
    }
  }

  private List<Integer> pollUntilReported(IoQueue queue) {
    List<Integer> statuses = new ArrayList<>();
    long start = clock.get();
    while (statuses.isEmpty()) {
      queue.poll((tag, status) -> statuses.add(status));
      assertThat(clock.get() - start).isLessThan(Duration.ofSeconds(10).toNanos());
    }
    return statuses;
  }

  /** Gives the drive no turn while it hangs; a write of CC wakes it. */
  private final class HangingFunction implements PciFunction {
    private final PciFunction drive;
    private boolean isHung;

    HangingFunction(PciFunction drive) {
      this.drive = drive;
    }

    @Override
    public String address() {
      return drive.address();
    }

    @Override
    public ConfigSpace config() {
      return drive.config();
    }

    @Override
    public Bar bar(int index) {
      Bar bar = drive.bar(index);
      return new Bar() {
        @Override
        public long size() {
          return bar.size();
        }

        @Override
        public int read32(long offset) {
          return bar.read32(offset);
        }

        @Override
        public void write32(long offset, int value) {
          if (offset == Registers.CC) {
            isHung = false;
          }
          bar.write32(offset, value);
        }

        @Override
        public Optional<MemorySegment> mapping(long offset, long length) {
          return bar.mapping(offset, length);
        }
      };
    }

    @Override
    public DmaSpace dma() {
      return drive.dma();
    }

    @Override
    public void reset() {
      drive.reset();
    }

    @Override
    public int poll() {
      clock.addAndGet(100_000);
      return isHung ? 0 : drive.poll();
    }

    @Override
    public boolean isPresent() {
      return drive.isPresent();
    }

    @Override
    public void close() {
      drive.close();
    }
  }
}
