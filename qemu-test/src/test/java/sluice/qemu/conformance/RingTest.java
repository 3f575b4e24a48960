package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import sluice.nvme.ControllerOptions;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Registers;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.vfio.PciFunction;

/** What shows only in rings, at doorbells, and by the memory that they are in. */
class RingTest extends PciConformanceTest {
  @Test
  void flagsReachTheDrive() {
    WatchedFunction function = new WatchedFunction(rig.function(TestDrive.BLOCKS_OF_512));
    NvmeController controller = own(PcieTransport.open(function, options()));
    Namespace namespace = controller.namespace(1);
    Pump pump = pump(controller, 7);
    IoQueue queue = pump.queue();
    DmaMemory memory = controller.dma().allocate(4096);
    long ring = function.lastAllocated(8 * SubmissionEntry.BYTES).address();

    pump.succeed(tag -> queue.write(namespace, 5, 3, memory, 0, tag));
    assertThat(SubmissionEntry.cdw(ring, 12)).isEqualTo(2);
    pump.succeed(tag -> queue.writeFua(namespace, 5, 3, memory, 0, tag));
    assertThat(SubmissionEntry.cdw(ring + 64, 12)).isEqualTo(1 << 30 | 2);
    pump.succeed(tag -> queue.writeZeroes(namespace, 5, 3, false, tag));
    assertThat(SubmissionEntry.cdw(ring + 128, 12)).isEqualTo(2);
    pump.succeed(tag -> queue.writeZeroes(namespace, 5, 3, true, tag));
    assertThat(SubmissionEntry.cdw(ring + 192, 12)).isEqualTo(1 << 25 | 2);
  }

  @Test
  void queuesComeAndGoWithoutALeak() {
    WatchedFunction function = new WatchedFunction(rig.function(TestDrive.BLOCKS_OF_512));
    NvmeController controller = own(PcieTransport.open(function, options()));
    DmaMemory memory = controller.dma().allocate(4096);
    int before = function.allocations();
    for (int i = 0; i < 200; i++) {
      Pump pump = pump(controller, 1 + i % 40);
      assertThat(pump.queue().id()).isEqualTo(1);
      long lba = i;
      pump.succeed(tag -> pump.queue().read(controller.namespace(1), lba, 1, memory, 0, tag));
      pump.queue().close();
      pump.queue().close();
    }
    assertThat(function.allocations()).isEqualTo(before);
  }

  @Test
  void aQueueThatGetsNoMemoryLeavesNothingBehind() {
    WatchedFunction function = new WatchedFunction(rig.function(TestDrive.BLOCKS_OF_512));
    NvmeController controller = own(PcieTransport.open(function, options()));
    int before = function.allocations();
    controller.createIoQueue(8).close();
    for (int allowed = 0; allowed < 4; allowed++) {
      function.allowAllocations(allowed);
      assertThatThrownBy(() -> controller.createIoQueue(8))
          .isInstanceOf(IllegalStateException.class);
      assertThat(function.allocations()).as("allocations after %d", allowed).isEqualTo(before);
    }
    function.allowAllocations(-1);
    assertThat(controller.createIoQueue(8).id()).isEqualTo(1);
  }

  /** The drive has the queue still, and may write to the memory of what is out. */
  @Test
  void aQueueWhoseControllerIsJustBeingClosedIsNotBegunAnew() {
    List<Throwable> thrown = new ArrayList<>();
    List<Long> reported = new ArrayList<>();
    List<IoQueue> polled = new ArrayList<>();
    WatchedFunction function =
        new WatchedFunction(rig.function(TestDrive.BLOCKS_OF_512)) {
          @Override
          boolean passes(long offset, int value) {
            if (offset == Registers.DOORBELLS && !polled.isEmpty()) {
              IoQueue queue = polled.removeFirst();
              try {
                queue.poll((tag, status) -> reported.add(tag));
              } catch (RuntimeException e) {
                thrown.add(e);
              }
            }
            return true;
          }
        };
    NvmeController controller = own(PcieTransport.open(function, options()));
    IoQueue first = controller.createIoQueue(4);
    IoQueue second = controller.createIoQueue(4);
    DmaMemory memory = controller.dma().allocate(4096);
    assertThat(first.outstanding()).isZero();
    assertThat(second.write(controller.namespace(1), 0, 1, memory, 0, 7)).isTrue();
    polled.add(second);
    controller.close();
    assertThat(reported).isEmpty();
    assertThat(thrown)
        .singleElement(InstanceOfAssertFactories.THROWABLE)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith(" is closed");
  }

  @Test
  void aSplitTransferThatFailsIsNotGoneOnWith() {
    CommandCounter function = new CommandCounter(rig.function(TestDrive.SMALL_TRANSFERS));
    ControllerOptions options = options().withShadowDoorbells(false);
    NvmeController controller = own(PcieTransport.open(function, options));
    Namespace namespace = controller.namespace(1);
    Pump pump = pump(controller, CommandCounter.ENTRIES - 1);
    DmaMemory memory = controller.dma().allocate(20 * 8192);
    pump.succeed(tag -> pump.queue().writeZeroes(namespace, 0, 320, false, tag));
    assertThat(function.commands).isEqualTo(1);
    pump.succeed(tag -> pump.queue().compare(namespace, 0, 320, memory, 0, tag));
    assertThat(function.commands).as("twenty pieces").isEqualTo(1 + 20);
    OffHeap.putByte(memory.address(), (byte) 1);
    int status = pump.run(tag -> pump.queue().compare(namespace, 0, 320, memory, 0, tag));
    assertStatus(status, StatusCode.COMPARE_FAILURE);
    assertThat(function.commands).isLessThan(1 + 20 + 20);
  }

  /** Counts the commands on queue 1. */
  private static final class CommandCounter extends WatchedFunction {
    private static final int ENTRIES = 4;

    private final long doorbell;
    private int tail;
    private int commands;

    CommandCounter(PciFunction inner) {
      super(inner);
      int stride = Cap.dstrd(inner.bar(0).read64(Registers.CAP));
      doorbell = Registers.submissionDoorbell(1, stride);
    }

    @Override
    boolean passes(long offset, int value) {
      if (offset == doorbell) {
        commands += Math.floorMod(value - tail, ENTRIES);
        tail = value;
      }
      return true;
    }
  }
}
