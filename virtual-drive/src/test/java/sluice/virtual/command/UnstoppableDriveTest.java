package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.Registers;
import sluice.support.agent.IdleStrategy;
import sluice.vfio.Bar;
import sluice.vfio.ConfigSpace;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;
import sluice.vfio.PciFunction;
import sluice.vfio.ResetFailedException;
import sluice.virtual.VirtualDriveProvider;

/**
 * The driver on a drive that cannot be disabled: what it may still write to is not given to others.
 */
class UnstoppableDriveTest {
  private static final Duration TIMEOUT = Duration.ofMillis(100);

  /** Time passes with the turns that the function is given. */
  private final AtomicLong clock = new AtomicLong();

  private final ControllerOptions options =
      ControllerOptions.defaults()
          .withIoTimeout(TIMEOUT)
          .withAdminTimeout(TIMEOUT)
          .withIdle(IdleStrategy::spinning)
          .withNanoClock(clock::get);

  private final UnstoppableFunction function =
      new UnstoppableFunction(
          VirtualDriveProvider.function(
              DriveAddress.parse("virtual:memory?size=16M&thread=shared"), options));

  @Test
  void queueMemoryIsFreedWhenTheDriveReachesNoMemoryAnyMore() {
    try (NvmeController controller = PcieTransport.open(function, options)) {
      IoQueue queue = controller.createIoQueue(4);
      function.isUnstoppable = true;
      assertThatThrownBy(controller::reset)
          .isInstanceOf(NvmeException.class)
          .hasMessageContaining("did not stop");
      assertThat(function.isBusMaster()).isFalse();
      queue.close();
      assertThat(function.freed).isNotEmpty();
      assertThat(function.freedUnderTheDrive).isEmpty();
    }
  }

  @Test
  void queueMemoryIsKeptWhileTheDriveReachesIt() {
    try (NvmeController controller = PcieTransport.open(function, options)) {
      IoQueue queue = controller.createIoQueue(4);
      function.isUnstoppable = true;
      function.keepsBusMaster = true;
      assertThatThrownBy(controller::reset).isInstanceOf(NvmeException.class);
      assertThat(function.isBusMaster()).isTrue();
      queue.close();
      assertThat(function.freed).isEmpty();
    }
  }

  @Test
  void memoryOfAQueueThatWasHalfCreatedIsKeptToo() {
    try (NvmeController controller = PcieTransport.open(function, options)) {
      function.isHung = true;
      function.isUnstoppable = true;
      function.keepsBusMaster = true;
      assertThatThrownBy(() -> controller.createIoQueue(4)).isInstanceOf(NvmeException.class);
      assertThat(function.freed).isEmpty();
    }
  }

  @Test
  void aFunctionThatFailsInItsResetFailsTheController() {
    try (NvmeController controller = PcieTransport.open(function, options)) {
      function.isUnstoppable = true;
      function.resetFailure = new IllegalStateException("the kernel says no");
      assertThatThrownBy(controller::reset)
          .isInstanceOf(NvmeException.class)
          .hasMessageContaining("did not stop")
          .satisfies(e -> assertThat(e.getSuppressed()).containsExactly(function.resetFailure));
      assertThatThrownBy(() -> controller.createIoQueue(4))
          .isInstanceOf(NvmeException.class)
          .hasMessageContaining("has failed");
    }
  }

  @Test
  void aControllerThatDoesNotStopIsResetWhenItIsOpened() {
    function.isUnstoppable = true;
    function.bar(0).write32(Registers.CC, 0);
    function.resetMends = true;
    try (NvmeController controller = PcieTransport.open(function, options)) {
      assertThat(controller.namespaces()).hasSize(1);
    }
  }

  @Test
  void registersThatFaultEndItWithAClearError() {
    try (NvmeController controller = PcieTransport.open(function, options)) {
      IoQueue queue = controller.createIoQueue(4);
      assertThat(queue.flush(controller.namespace(1), 1)).isTrue();
      function.faults = true;
      assertThatThrownBy(queue::ring)
          .isInstanceOf(NvmeException.class)
          .hasCauseInstanceOf(InternalError.class);
      assertThat(queue.flush(controller.namespace(1), 2)).isTrue();
      assertThatThrownBy(() -> queue.await(0)).isInstanceOf(NvmeException.class);
      function.faults = false;
    }
  }

  /** Does not let itself be disabled, unless its reset is made to mend that. */
  private final class UnstoppableFunction implements PciFunction {
    private final PciFunction drive;
    private final List<DmaMemory> freed = new ArrayList<>();
    private final List<DmaMemory> freedUnderTheDrive = new ArrayList<>();
    private RuntimeException resetFailure = new ResetFailedException("no reset");
    private boolean isUnstoppable;
    private boolean isHung;
    private boolean keepsBusMaster;
    private boolean resetMends;
    private boolean faults;

    UnstoppableFunction(PciFunction drive) {
      this.drive = drive;
    }

    boolean isBusMaster() {
      return (drive.config().read16(ConfigSpace.COMMAND) & ConfigSpace.COMMAND_BUS_MASTER) != 0;
    }

    @Override
    public String address() {
      return drive.address();
    }

    @Override
    public ConfigSpace config() {
      ConfigSpace config = drive.config();
      return new ConfigSpace() {
        @Override
        public int read32(int offset) {
          return config.read32(offset);
        }

        @Override
        public void write32(int offset, int value) {
          config.write32(offset, value);
        }

        @Override
        public void write16(int offset, int value) {
          config.write16(offset, keepsBusMaster ? value | COMMAND_BUS_MASTER : value);
        }
      };
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
          int value = bar.read32(offset);
          return offset == Registers.CSTS && isUnstoppable ? value | 1 : value;
        }

        @Override
        public void write32(long offset, int value) {
          if (offset >= Registers.DOORBELLS && faults) {
            throw new InternalError("a fault occurred in an unsafe memory access operation");
          }
          bar.write32(offset, value);
        }

        @Override
        public Optional<MemorySegment> mapping(long offset, long length) {
          return Optional.empty();
        }
      };
    }

    @Override
    public DmaSpace dma() {
      return new DmaSpace() {
        @Override
        public DmaMemory allocate(long size) {
          return drive.dma().allocate(size);
        }

        @Override
        public void free(DmaMemory memory) {
          freed.add(memory);
          if (isUnstoppable && isBusMaster()) {
            freedUnderTheDrive.add(memory);
          }
          drive.dma().free(memory);
        }
      };
    }

    @Override
    public void reset() {
      if (!resetMends) {
        throw resetFailure;
      }
      isUnstoppable = false;
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
