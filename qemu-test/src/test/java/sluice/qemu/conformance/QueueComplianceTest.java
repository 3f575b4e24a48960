package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.nvme.spec.StatusCode.INVALID_COMPLETION_QUEUE;
import static sluice.nvme.spec.StatusCode.INVALID_FIELD;
import static sluice.nvme.spec.StatusCode.INVALID_INTERRUPT_VECTOR;
import static sluice.nvme.spec.StatusCode.INVALID_PRP_OFFSET;
import static sluice.nvme.spec.StatusCode.INVALID_QUEUE_DELETION;
import static sluice.nvme.spec.StatusCode.INVALID_QUEUE_IDENTIFIER;
import static sluice.nvme.spec.StatusCode.INVALID_QUEUE_SIZE;
import static sluice.nvme.spec.StatusCode.SUCCESS;

import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.QueueCommand;
import sluice.nvme.spec.Registers;
import sluice.nvme.spec.StatusCode;
import sluice.queues.CompletionEntry;
import sluice.queues.CompletionQueue;
import sluice.queues.Doorbell;
import sluice.queues.SubmissionQueue;
import sluice.vfio.DmaMemory;

/** Queues as no driver should create and delete them (NVM Express 1.4, sections 5.3 to 5.6). */
class QueueComplianceTest extends PciConformanceTest {
  private static final int NOT_CONTIGUOUS = 0;

  private RawController raw;
  private DmaMemory ring;

  @BeforeEach
  void open() {
    raw = openRaw(TestDrive.FEW_QUEUES);
    ring = raw.allocate(8192);
  }

  private int maxEntries() {
    return Cap.mqes(raw.bar().read64(Registers.CAP)) + 1;
  }

  private RawCommand cq(int id, int entries) {
    return raw.createCq(id, entries, ring.iova());
  }

  /** On completion queue 1, which is there. */
  private RawCommand sq(int id, int entries) {
    return raw.createSq(id, entries, ring.iova(), 1);
  }

  private static Stream<Misuse<QueueComplianceTest>> misuses() {
    return Stream.concat(creations(), deletions());
  }

  private static Stream<Misuse<QueueComplianceTest>> creations() {
    return Stream.of(
        Misuse.of("completion queue 0", INVALID_QUEUE_IDENTIFIER, t -> t.cq(0, 4)),
        Misuse.of("a completion queue too many", INVALID_QUEUE_IDENTIFIER, t -> t.cq(3, 4)),
        Misuse.of("a completion queue twice", INVALID_QUEUE_IDENTIFIER, t -> t.cq(1, 4)),
        Misuse.of("a completion queue of 1 entry", INVALID_QUEUE_SIZE, t -> t.cq(2, 1)),
        Misuse.of(
            "a completion queue larger than MQES",
            INVALID_QUEUE_SIZE,
            t -> t.cq(2, t.maxEntries() + 1)),
        Misuse.of(
            "a completion queue in pieces", INVALID_FIELD, t -> t.cq(2, 4).cdw(11, NOT_CONTIGUOUS)),
        Misuse.of(
            "a completion queue at an offset",
            INVALID_PRP_OFFSET,
            t -> t.raw.createCq(2, 4, t.ring.iova(64))),
        Misuse.of(
            "a completion queue with a vector that is not there",
            INVALID_INTERRUPT_VECTOR,
            t -> t.cq(2, 4).cdw(11, QueueCommand.completionCdw11(true, 2047))),
        Misuse.of("submission queue 0", INVALID_QUEUE_IDENTIFIER, t -> t.sq(0, 4)),
        Misuse.of("a submission queue too many", INVALID_QUEUE_IDENTIFIER, t -> t.sq(3, 4)),
        Misuse.of("a submission queue twice", INVALID_QUEUE_IDENTIFIER, t -> t.sq(1, 4)),
        Misuse.of("a submission queue of 1 entry", INVALID_QUEUE_SIZE, t -> t.sq(2, 1)),
        Misuse.of(
            "a submission queue larger than MQES",
            INVALID_QUEUE_SIZE,
            t -> t.sq(2, t.maxEntries() + 1)),
        Misuse.of(
            "a submission queue in pieces",
            INVALID_FIELD,
            t -> t.sq(2, 4).cdw(11, 1 << 16 | NOT_CONTIGUOUS)),
        Misuse.of(
            "a submission queue at an offset",
            INVALID_PRP_OFFSET,
            t -> t.raw.createSq(2, 4, t.ring.iova(64), 1)),
        Misuse.of(
            "a submission queue whose completion queue is not there",
            INVALID_COMPLETION_QUEUE,
            t -> t.raw.createSq(2, 4, t.ring.iova(), 2)),
        // QEMU does not tell queues that cannot be from those that are not.
        Misuse.of(
            "a submission queue on the admin completion queue",
            INVALID_QUEUE_IDENTIFIER,
            INVALID_COMPLETION_QUEUE,
            t -> t.raw.createSq(2, 4, t.ring.iova(), 0)),
        Misuse.of(
            "a submission queue on a completion queue that cannot be",
            INVALID_QUEUE_IDENTIFIER,
            INVALID_COMPLETION_QUEUE,
            t -> t.raw.createSq(2, 4, t.ring.iova(), 3)));
  }

  private static Stream<Misuse<QueueComplianceTest>> deletions() {
    return Stream.of(
        Misuse.of(
            "deletion of submission queue 0",
            INVALID_QUEUE_IDENTIFIER,
            t -> RawController.deleteSq(0)),
        Misuse.of(
            "deletion of a submission queue that is not there",
            INVALID_QUEUE_IDENTIFIER,
            t -> RawController.deleteSq(2)),
        Misuse.of(
            "deletion of a submission queue that cannot be",
            INVALID_QUEUE_IDENTIFIER,
            t -> RawController.deleteSq(0xffff)),
        // QEMU has a status of its own for completion queues.
        Misuse.of(
            "deletion of completion queue 0",
            INVALID_QUEUE_IDENTIFIER,
            INVALID_COMPLETION_QUEUE,
            t -> RawController.deleteCq(0)),
        Misuse.of(
            "deletion of a completion queue that is not there",
            INVALID_QUEUE_IDENTIFIER,
            INVALID_COMPLETION_QUEUE,
            t -> RawController.deleteCq(2)),
        Misuse.of(
            "deletion of a completion queue that cannot be",
            INVALID_QUEUE_IDENTIFIER,
            INVALID_COMPLETION_QUEUE,
            t -> RawController.deleteCq(0xffff)),
        Misuse.of(
            "deletion of a completion queue before its submission queue",
            INVALID_QUEUE_DELETION,
            t -> RawController.deleteCq(1)));
  }

  private void assertCompletes(RawCommand command, StatusCode expected) {
    assertStatus(raw.admin().execute(command).status(), expected);
  }

  private static void assertWorks(RawQueue queue) {
    assertStatus(queue.execute(new RawCommand(IoOpcode.FLUSH).nsid(1)).status(), SUCCESS);
  }

  @ParameterizedTest
  @MethodSource("misuses")
  void isRefused(Misuse<QueueComplianceTest> misuse) {
    RawQueue queue = raw.createQueue(1, 8);
    assertCompletes(misuse.command().apply(this), misuse.expectedOn(rig));
    assertWorks(queue);
  }

  @Test
  void theLargestQueueThatCanBe() {
    RawQueue queue = raw.createQueue(1, maxEntries());
    assertWorks(queue);
  }

  @Test
  void theSmallestQueueThatCanBe() {
    RawQueue queue = raw.createQueue(2, 2);
    for (int i = 0; i < 10; i++) {
      assertWorks(queue);
    }
  }

  @Test
  void deletedTwiceIsDeletedOnce() {
    RawQueue _ = raw.createQueue(1, 8);
    assertCompletes(RawController.deleteSq(1), SUCCESS);
    assertCompletes(RawController.deleteSq(1), INVALID_QUEUE_IDENTIFIER);
    assertCompletes(RawController.deleteCq(1), SUCCESS);
    assertCompletes(
        RawController.deleteCq(1), qemuHas(INVALID_COMPLETION_QUEUE, INVALID_QUEUE_IDENTIFIER));
    assertWorks(raw.createQueue(1, 8));
  }

  @Test
  void twoSubmissionQueuesShareACompletionQueue() {
    RawQueue first = raw.createQueue(1, 8);
    RawQueue second = raw.queue(2, 2, 8);
    assertCompletes(raw.createSq(2, 8, second.submissions().iova(), 1), SUCCESS);
    SubmissionQueue other = second.submissions();
    assertWorks(first);
    new RawCommand(IoOpcode.FLUSH).nsid(1).write(other.claim(), 0x4242);
    other.post();
    other.ring();
    long entry = awaitEntry(first);
    assertThat(CompletionEntry.submissionQueueId(entry)).isEqualTo(2);
    assertThat(CompletionEntry.submissionQueueHead(entry)).isEqualTo(1);
    assertThat(CompletionEntry.commandId(entry)).isEqualTo(0x4242);
    assertStatus(CompletionEntry.status(entry), SUCCESS);
    first.completions().pop();
    first.completions().ring();
    assertCompletes(RawController.deleteSq(1), SUCCESS);
    assertCompletes(RawController.deleteCq(1), INVALID_QUEUE_DELETION);
    assertCompletes(RawController.deleteSq(2), SUCCESS);
    assertCompletes(RawController.deleteCq(1), SUCCESS);
  }

  private long awaitEntry(RawQueue queue) {
    Deadline deadline = new Deadline("a completion");
    long entry;
    while ((entry = queue.completions().peek()) == 0) {
      int _ = raw.function().poll();
      deadline.check();
    }
    return entry;
  }

  @Test
  void aFullCompletionQueueIsWaitedFor() {
    // Seven commands go in at once, three completions at a time come out.
    RawQueue queue = raw.queue(1, 1, 8);
    DmaMemory small = raw.allocate(4 * CompletionEntry.BYTES);
    CompletionQueue completions =
        new CompletionQueue(
            1,
            small,
            4,
            Doorbell.ofCompletionQueue(raw.bar(), 1, Cap.dstrd(raw.bar().read64(Registers.CAP))));
    assertCompletes(raw.createCq(1, 4, completions.iova()), SUCCESS);
    assertCompletes(raw.createSq(1, 8, queue.submissions().iova(), 1), SUCCESS);
    RawQueue narrow = new RawQueue(raw.function(), queue.submissions(), completions);
    int[] ids = new int[7];
    for (int i = 0; i < 7; i++) {
      ids[i] = narrow.submit(new RawCommand(IoOpcode.FLUSH).nsid(1));
    }
    for (int id : ids) {
      assertStatus(narrow.await(id).status(), SUCCESS);
    }
  }
}
