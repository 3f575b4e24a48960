package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.virtual.pci.Host;
import sluice.virtual.personality.Personality;

/** Compare and Write as one, on which some hosts build their locks (section 4.12). */
class FusedCommandsTest {
  private static final int FIRST = SubmissionEntry.FUSE_FIRST;
  private static final int SECOND = SubmissionEntry.FUSE_SECOND;
  private static final int MISSING = StatusCode.ABORTED_MISSING_FUSED.statusDnr();
  private static final int FAILED = StatusCode.ABORTED_FAILED_FUSED.status();
  private static final int INVALID_FIELD = StatusCode.INVALID_FIELD.statusDnr();
  private static final int DIFFERENT = StatusCode.COMPARE_FAILURE.statusDnr();

  private final Host host = Host.ready(new DriveSettings().namespaces(2));
  private final Host.Queue queue = host.createQueue(1, 8);
  private final DmaMemory expected = host.memory(4096);
  private final DmaMemory wanted = host.memory(4096);

  @AfterEach
  void close() {
    host.close();
  }

  private void post(Host.Queue to, int opcode, int fuse, int nsid, long lba, int blocks) {
    long entry = to.sq.address() + (long) to.tail * SubmissionEntry.BYTES;
    DmaMemory data = opcode == IoOpcode.COMPARE ? expected : wanted;
    host.post(to, opcode, nsid, lba, blocks, 0, data);
    OffHeap.putInt(entry, OffHeap.getInt(entry) | fuse << 8);
  }

  private void postPair(long lba, int blocks) {
    post(queue, IoOpcode.COMPARE, FIRST, 1, lba, blocks);
    post(queue, IoOpcode.WRITE, SECOND, 1, lba, blocks);
  }

  private List<Integer> finishAll(Host.Queue of) {
    of.ring();
    host.settle();
    List<Integer> statuses = new ArrayList<>();
    while (of.hasCompletion()) {
      statuses.add(of.take().status());
      host.settle();
    }
    return statuses;
  }

  private void assertHolds(DmaMemory data, long lba) {
    assertThat(host.io(queue, IoOpcode.COMPARE, lba, 8, data)).isZero();
  }

  @Test
  void writeWhatIsWantedWhereAllIsAsExpected() {
    Host.fill(expected, 1);
    assertThat(host.io(queue, IoOpcode.WRITE, 16, 8, expected)).isZero();
    Host.fill(wanted, 2);
    postPair(16, 8);
    assertThat(finishAll(queue)).containsExactly(0, 0);
    assertHolds(wanted, 16);
  }

  @Test
  void writeNothingWhereAByteDiffers() {
    Host.fill(expected, 1);
    assertThat(host.io(queue, IoOpcode.WRITE, 16, 8, expected)).isZero();
    Host.fill(wanted, 2);
    OffHeap.putByte(expected.address() + 4000, (byte) ~OffHeap.getByte(expected.address() + 4000));
    postPair(16, 8);
    assertThat(finishAll(queue)).containsExactly(DIFFERENT, FAILED);
    OffHeap.putByte(expected.address() + 4000, (byte) ~OffHeap.getByte(expected.address() + 4000));
    assertHolds(expected, 16);
  }

  @Test
  void failTogetherWhenTheFirstCannotBeDone() {
    postPair(1L << 40, 8);
    assertThat(finishAll(queue)).containsExactly(StatusCode.LBA_OUT_OF_RANGE.statusDnr(), FAILED);
  }

  @Test
  void failForThemselvesWhenTheSecondCannotBeDone() {
    post(queue, IoOpcode.COMPARE, FIRST, 1, 0, 8);
    long entry = queue.sq.address() + (long) queue.tail * SubmissionEntry.BYTES;
    post(queue, IoOpcode.WRITE, SECOND, 1, 0, 8);
    SubmissionEntry.prps(entry, 2, 0);
    assertThat(finishAll(queue)).containsExactly(0, StatusCode.INVALID_PRP_OFFSET.statusDnr());
  }

  @Test
  void areOfTheSameBlocksAndNamespace() {
    post(queue, IoOpcode.COMPARE, FIRST, 1, 0, 8);
    post(queue, IoOpcode.WRITE, SECOND, 1, 0, 4);
    post(queue, IoOpcode.COMPARE, FIRST, 1, 0, 8);
    post(queue, IoOpcode.WRITE, SECOND, 1, 8, 8);
    post(queue, IoOpcode.COMPARE, FIRST, 1, 0, 8);
    post(queue, IoOpcode.WRITE, SECOND, 2, 0, 8);
    assertThat(finishAll(queue)).hasSize(6).containsOnly(INVALID_FIELD);
    post(queue, IoOpcode.READ, FIRST, 1, 0, 8);
    post(queue, IoOpcode.WRITE, SECOND, 1, 0, 8);
    post(queue, IoOpcode.COMPARE, FIRST, 1, 0, 8);
    post(queue, IoOpcode.WRITE_ZEROES, SECOND, 1, 0, 8);
    assertThat(finishAll(queue)).hasSize(4).containsOnly(INVALID_FIELD);
  }

  @Test
  void aHalfAloneIsAborted() {
    Host.fill(wanted, 2);
    post(queue, IoOpcode.COMPARE, FIRST, 1, 0, 8);
    assertThat(finishAll(queue)).as("the first").containsExactly(MISSING);
    post(queue, IoOpcode.WRITE, SECOND, 1, 0, 8);
    assertThat(finishAll(queue)).as("the second, of another doorbell").containsExactly(MISSING);
    post(queue, IoOpcode.COMPARE, FIRST, 1, 0, 8);
    post(queue, IoOpcode.READ, 0, 1, 0, 8);
    post(queue, IoOpcode.WRITE, SECOND, 1, 0, 8);
    assertThat(finishAll(queue)).as("with one between").containsExactly(MISSING, 0, MISSING);
    post(queue, IoOpcode.COMPARE, FIRST, 1, 0, 8);
    postPair(0, 8);
    Host.fill(expected, 0);
    OffHeap.zero(expected.address(), 4096);
    assertThat(finishAll(queue)).as("two firsts").containsExactly(MISSING, 0, 0);
    assertHolds(wanted, 0);
  }

  @Test
  void halvesInTwoQueuesBelongToNothing() {
    Host.Queue other = host.createQueue(2, 8);
    post(queue, IoOpcode.COMPARE, FIRST, 1, 0, 8);
    post(other, IoOpcode.WRITE, SECOND, 1, 0, 8);
    other.ring();
    assertThat(finishAll(queue)).containsExactly(MISSING);
    assertThat(finishAll(other)).containsExactly(MISSING);
  }

  @Test
  void areTakenAcrossTheEndOfTheQueue() {
    for (int i = 0; i < 20; i++) {
      postPair(0, 8);
      assertThat(finishAll(queue)).as("pair %d", i).containsExactly(0, 0);
      post(queue, IoOpcode.FLUSH, 0, 1, 0, 1);
      assertThat(finishAll(queue)).containsExactly(0);
    }
  }

  @Test
  void areCompletedWithRoomForOneCompletionAtATime() {
    Host.Queue small = host.new Queue(3, 2);
    Host.Queue large = host.new Queue(3, 8);
    assertThat(host.createCompletion(small).status()).isZero();
    assertThat(host.createSubmission(large, 3).status()).isZero();
    for (int i = 0; i < 3; i++) {
      post(large, IoOpcode.COMPARE, FIRST, 1, 0, 8);
      post(large, IoOpcode.WRITE, SECOND, 1, 0, 8);
    }
    large.ring();
    List<Integer> statuses = new ArrayList<>();
    host.settle();
    while (small.hasCompletion()) {
      statuses.add(small.take().status());
      host.settle();
    }
    assertThat(statuses).containsExactly(0, 0, 0, 0, 0, 0);
  }

  @Test
  void areSplitByNoShareOfATurn() {
    Host.Queue deep = host.createQueue(4, 256);
    post(deep, IoOpcode.FLUSH, 0, 1, 0, 1);
    for (int i = 0; i < 100; i++) {
      post(deep, IoOpcode.COMPARE, FIRST, 1, 0, 1);
      post(deep, IoOpcode.WRITE, SECOND, 1, 0, 1);
    }
    assertThat(finishAll(deep)).hasSize(201).containsOnly(0);
  }

  @Test
  void aForcedWriteWaitsForTheDiskAndItsCompareDoesNot() {
    SlowDisk disk = new SlowDisk(1 << 20);
    try (Host slow = Host.ready(new DriveSettings(), Personality.PLAIN, disk)) {
      Host.Queue q = slow.createQueue(1, 8);
      DmaMemory zeros = slow.memory(4096);
      long first = q.sq.address();
      slow.post(q, IoOpcode.COMPARE, 1, 0, 8, 0, zeros);
      OffHeap.putInt(first, OffHeap.getInt(first) | FIRST << 8);
      slow.post(q, IoOpcode.WRITE, 1, 0, 8, IoCommand.FUA, zeros);
      OffHeap.putInt(first + 64, OffHeap.getInt(first + 64) | SECOND << 8);
      assertThat(slow.finish(q).status()).isZero();
      assertThat(q.hasCompletion()).isFalse();
      disk.finish();
      slow.settle();
      assertThat(q.take().status()).isZero();
    }
  }
}
