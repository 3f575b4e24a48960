package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sluice.nvme.CommandFailedException;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.QueueCommand;
import sluice.nvme.spec.Registers;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/** Drives that are particular about their queues. */
class OddQueuesTest extends OddDrives {
  @Test
  void aQueueThatIsRefusedAndNotLetGoOfCostsItsIdentifierOnly() {
    boolean[] refuses = {true};
    OddFunction function =
        refusing(
            TestDrive.BLOCKS_OF_512,
            entry ->
                refuses[0]
                    && (is(entry, AdminOpcode.CREATE_IO_SUBMISSION_QUEUE)
                        || is(entry, AdminOpcode.DELETE_IO_COMPLETION_QUEUE)));
    NvmeController controller = open(function);
    int before = function.allocations();
    assertThatThrownBy(() -> controller.createIoQueue(4))
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining("keeps its completion queue 1");
    assertThat(function.allocations()).as("its memory may be written to").isGreaterThan(before);
    refuses[0] = false;
    IoQueue second = controller.createIoQueue(4);
    assertThat(second.id()).isEqualTo(2);
    controller.reset();
    assertThat(controller.createIoQueue(4).id()).as("after a reset").isEqualTo(1);
  }

  @Test
  void aQueueThatIsRefusedLeavesNothingBehind() {
    boolean[] refuses = {true};
    OddFunction function =
        refusing(
            TestDrive.BLOCKS_OF_512,
            entry -> refuses[0] && is(entry, AdminOpcode.CREATE_IO_SUBMISSION_QUEUE));
    NvmeController controller = open(function);
    int before = function.allocations();
    assertThatThrownBy(() -> controller.createIoQueue(4))
        .isInstanceOf(CommandFailedException.class);
    assertThat(function.allocations()).isEqualTo(before);
    refuses[0] = false;
    assertThat(controller.createIoQueue(4).id()).isEqualTo(1);
  }

  @Test
  void ringsHavePowersOfTwoOfEntriesWhereTheDriveTakesThem() {
    Set<Integer> entries = new HashSet<>();
    OddFunction function =
        new OddFunction(rig.function(TestDrive.BLOCKS_OF_512)) {
          @Override
          void admin(long entry) {
            if (is(entry, AdminOpcode.CREATE_IO_SUBMISSION_QUEUE)) {
              entries.add(QueueCommand.entries(SubmissionEntry.cdw(entry, 10)));
            }
          }
        };
    NvmeController controller = open(function);
    for (int depth : new int[] {1, 2, 3, 64, 100, 128}) {
      controller.createIoQueue(depth).close();
    }
    assertThat(entries).containsExactlyInAnyOrder(2, 4, 128, 256);
  }

  @Test
  void aDriveOfTheSmallestQueuesWorks() {
    OddFunction function =
        new OddFunction(rig.function(TestDrive.BLOCKS_OF_512)) {
          @Override
          int read(long offset, int value) {
            return offset == Registers.CAP ? value & ~0xffff : value;
          }
        };
    NvmeController controller = open(function);
    assertThat(controller.maxQueueDepth()).as("of MQES 0, which there is not").isEqualTo(1);
    Pump pump = pump(controller, 1);
    DmaMemory memory = controller.dma().allocate(4096);
    for (int i = 0; i < 10; i++) {
      pump.succeed(tag -> pump.queue().read(controller.namespace(1), 0, 8, memory, 0, tag));
    }
  }

  @Test
  void rangesToDeallocateHaveAZeroedPageEach() {
    WatchedFunction function = new WatchedFunction(rig.function(TestDrive.BLOCKS_OF_512));
    NvmeController controller = own(PcieTransport.open(function, telling()));
    Namespace namespace = controller.namespace(1);
    Pump pump = pump(controller, 63);
    long ring = function.lastAllocated(64 * SubmissionEntry.BYTES).address();
    int most = 0;
    while (pump.queue().deallocate(namespace, most * 8L, 8, most)) {
      most++;
    }
    assertThat(most).as("out at once").isEqualTo(32);
    Set<Long> pages = new HashSet<>();
    for (int i = 0; i < most; i++) {
      long prp1 = SubmissionEntry.prp1(ring + (long) i * SubmissionEntry.BYTES);
      assertThat(prp1 & 4095).isZero();
      pages.add(prp1);
      long page = function.addressOf(prp1);
      for (int at = 16; at < 4096; at += 8) {
        assertThat(OffHeap.getLong(page + at)).isZero();
      }
    }
    assertThat(pages).hasSize(most);
    pump.finish();
    assertThat(pump.takeSuccesses()).isEqualTo(most);
    for (int round = 0; round < 100; round++) {
      int each = round;
      pump.submit(() -> pump.queue().deallocate(namespace, each * 8L, 8, each));
    }
    pump.finish();
    assertThat(pump.takeSuccesses()).isEqualTo(100);
  }
}
