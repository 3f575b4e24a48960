package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Aqa;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.QueueCommand;
import sluice.nvme.spec.Registers;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.vfio.DmaMemory;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.pci.Host;
import sluice.virtual.personality.Personalities;

/** Creating and deleting queues, rightly and in every wrong way. */
class AdminQueuesTest {
  private final Host host = Host.ready(new DriveSettings().ioQueues(4).queueEntries(64));
  private final DmaMemory memory = host.memory(8192);

  @AfterEach
  void close() {
    host.close();
  }

  private int create(int opcode, int cdw10, int cdw11, long prp1) {
    long entry = host.admin.begin(opcode, 0);
    SubmissionEntry.prps(entry, prp1, 0);
    SubmissionEntry.cdw(entry, 10, cdw10);
    SubmissionEntry.cdw(entry, 11, cdw11);
    return host.finish(host.admin).status();
  }

  private int createCq(int cdw10, int cdw11) {
    return create(AdminOpcode.CREATE_IO_COMPLETION_QUEUE, cdw10, cdw11, memory.iova());
  }

  private int createSq(int cdw10, int cdw11) {
    return create(AdminOpcode.CREATE_IO_SUBMISSION_QUEUE, cdw10, cdw11, memory.iova());
  }

  private int delete(int opcode, int id) {
    return host.admin(opcode, 0, null, id).status();
  }

  private int deleteSq(int id) {
    return delete(AdminOpcode.DELETE_IO_SUBMISSION_QUEUE, id);
  }

  private int deleteCq(int id) {
    return delete(AdminOpcode.DELETE_IO_COMPLETION_QUEUE, id);
  }

  private static int dnr(StatusCode code) {
    return code.statusDnr();
  }

  /** An admin completion queue that has room for two, and commands that complete others. */
  @Test
  void whatACommandCompletesBesidesDoesNotOverrunTheQueue() {
    try (Host small = new Host(new MemoryBackend(1 << 20))) {
      int entries = 3;
      Host.Queue admin = small.new Queue(0, entries);
      small.bar.write32(Registers.AQA, Aqa.of(Host.ADMIN_ENTRIES, entries));
      small.bar.write64(Registers.ASQ, small.admin.sq.iova());
      small.bar.write64(Registers.ACQ, admin.cq.iova());
      small.writeCc(Host.enabledCc());
      small.settle();
      Host.Queue queue = small.new Queue(1, 8);
      post(small, AdminOpcode.CREATE_IO_COMPLETION_QUEUE, 7 << 16 | 1, 1, queue.cq.iova());
      assertThat(next(small, admin)).isEqualTo(1);
      post(
          small, AdminOpcode.CREATE_IO_SUBMISSION_QUEUE, 7 << 16 | 1, 1 << 16 | 1, queue.sq.iova());
      assertThat(next(small, admin)).isEqualTo(2);
      int request = post(small, AdminOpcode.ASYNCHRONOUS_EVENT_REQUEST, 0, 0, 0);
      small.admin.ring();
      small.settle();
      int abort = post(small, AdminOpcode.ABORT, request << 16, 0, 0);
      int delete = post(small, AdminOpcode.DELETE_IO_SUBMISSION_QUEUE, 1, 0, 0);
      assertThat(next(small, admin)).isEqualTo(request);
      assertThat(next(small, admin)).isEqualTo(abort);
      assertThat(next(small, admin)).isEqualTo(delete);
      assertThat(admin.hasCompletion()).isFalse();
    }
  }

  private static int post(Host host, int opcode, int cdw10, int cdw11, long prp1) {
    long entry = host.admin.begin(opcode, 0);
    SubmissionEntry.prps(entry, prp1, 0);
    SubmissionEntry.cdw(entry, 10, cdw10);
    SubmissionEntry.cdw(entry, 11, cdw11);
    return SubmissionEntry.commandId(entry);
  }

  private static int next(Host host, Host.Queue admin) {
    host.admin.ring();
    host.settle();
    return admin.take().commandId();
  }

  @Test
  void badCompletionQueues() {
    int contiguous = QueueCommand.completionCdw11(false, 0);
    assertThat(createCq(QueueCommand.cdw10(0, 8), contiguous))
        .isEqualTo(dnr(StatusCode.INVALID_QUEUE_IDENTIFIER));
    assertThat(createCq(QueueCommand.cdw10(5, 8), contiguous))
        .isEqualTo(dnr(StatusCode.INVALID_QUEUE_IDENTIFIER));
    assertThat(createCq(QueueCommand.cdw10(0xffff, 8), contiguous))
        .isEqualTo(dnr(StatusCode.INVALID_QUEUE_IDENTIFIER));
    assertThat(createCq(QueueCommand.cdw10(1, 1), contiguous))
        .isEqualTo(dnr(StatusCode.INVALID_QUEUE_SIZE));
    assertThat(createCq(QueueCommand.cdw10(1, 65), contiguous))
        .isEqualTo(dnr(StatusCode.INVALID_QUEUE_SIZE));
    assertThat(createCq(QueueCommand.cdw10(1, 65536), contiguous))
        .isEqualTo(dnr(StatusCode.INVALID_QUEUE_SIZE));
    assertThat(createCq(QueueCommand.cdw10(1, 8), 0)).isEqualTo(dnr(StatusCode.INVALID_FIELD));
    assertThat(createCq(QueueCommand.cdw10(1, 8), QueueCommand.completionCdw11(true, 5)))
        .isEqualTo(dnr(StatusCode.INVALID_INTERRUPT_VECTOR));
    assertThat(
            create(
                AdminOpcode.CREATE_IO_COMPLETION_QUEUE,
                QueueCommand.cdw10(1, 8),
                contiguous,
                memory.iova(64)))
        .isEqualTo(dnr(StatusCode.INVALID_PRP_OFFSET));
    assertThat(createCq(QueueCommand.cdw10(1, 64), contiguous)).isZero();
    assertThat(createCq(QueueCommand.cdw10(1, 64), contiguous))
        .as("twice")
        .isEqualTo(dnr(StatusCode.INVALID_QUEUE_IDENTIFIER));
    assertThat(createCq(QueueCommand.cdw10(4, 2), QueueCommand.completionCdw11(true, 4))).isZero();
  }

  @Test
  void badSubmissionQueues() {
    assertThat(createCq(QueueCommand.cdw10(2, 8), QueueCommand.completionCdw11(false, 0))).isZero();
    int toTwo = QueueCommand.submissionCdw11(2);
    assertThat(createSq(QueueCommand.cdw10(1, 8), QueueCommand.submissionCdw11(0)))
        .isEqualTo(dnr(StatusCode.INVALID_QUEUE_IDENTIFIER));
    assertThat(createSq(QueueCommand.cdw10(1, 8), QueueCommand.submissionCdw11(1)))
        .isEqualTo(dnr(StatusCode.INVALID_COMPLETION_QUEUE));
    assertThat(createSq(QueueCommand.cdw10(1, 8), QueueCommand.submissionCdw11(0xffff)))
        .isEqualTo(dnr(StatusCode.INVALID_QUEUE_IDENTIFIER));
    assertThat(createSq(QueueCommand.cdw10(0, 8), toTwo))
        .isEqualTo(dnr(StatusCode.INVALID_QUEUE_IDENTIFIER));
    assertThat(createSq(QueueCommand.cdw10(5, 8), toTwo))
        .isEqualTo(dnr(StatusCode.INVALID_QUEUE_IDENTIFIER));
    assertThat(createSq(QueueCommand.cdw10(1, 1), toTwo))
        .isEqualTo(dnr(StatusCode.INVALID_QUEUE_SIZE));
    assertThat(createSq(QueueCommand.cdw10(1, 65), toTwo))
        .isEqualTo(dnr(StatusCode.INVALID_QUEUE_SIZE));
    assertThat(createSq(QueueCommand.cdw10(1, 8), 2 << 16))
        .isEqualTo(dnr(StatusCode.INVALID_FIELD));
    assertThat(
            create(
                AdminOpcode.CREATE_IO_SUBMISSION_QUEUE,
                QueueCommand.cdw10(1, 8),
                toTwo,
                memory.iova(2048)))
        .isEqualTo(dnr(StatusCode.INVALID_PRP_OFFSET));
    assertThat(createSq(QueueCommand.cdw10(1, 8), toTwo)).isZero();
    assertThat(createSq(QueueCommand.cdw10(1, 8), toTwo))
        .as("twice")
        .isEqualTo(dnr(StatusCode.INVALID_QUEUE_IDENTIFIER));
  }

  @Test
  void entrySizesHaveToBeSet() {
    host.writeCc(Cc.en(0, true));
    assertThat(createCq(QueueCommand.cdw10(1, 8), QueueCommand.completionCdw11(false, 0)))
        .isEqualTo(dnr(StatusCode.INVALID_QUEUE_SIZE));
    host.writeCc(Cc.iocqes(Cc.en(0, true), 4));
    assertThat(createCq(QueueCommand.cdw10(1, 8), QueueCommand.completionCdw11(false, 0))).isZero();
    assertThat(createSq(QueueCommand.cdw10(1, 8), QueueCommand.submissionCdw11(1)))
        .isEqualTo(dnr(StatusCode.INVALID_QUEUE_SIZE));
  }

  @Test
  void deletingInEveryWrongOrder() {
    host.createQueue(1, 8);
    assertThat(deleteCq(1)).isEqualTo(dnr(StatusCode.INVALID_QUEUE_DELETION));
    assertThat(deleteSq(0)).isEqualTo(dnr(StatusCode.INVALID_QUEUE_IDENTIFIER));
    assertThat(deleteCq(0)).isEqualTo(dnr(StatusCode.INVALID_QUEUE_IDENTIFIER));
    assertThat(deleteSq(2)).isEqualTo(dnr(StatusCode.INVALID_QUEUE_IDENTIFIER));
    assertThat(deleteCq(2)).isEqualTo(dnr(StatusCode.INVALID_QUEUE_IDENTIFIER));
    assertThat(deleteSq(0xffff)).isEqualTo(dnr(StatusCode.INVALID_QUEUE_IDENTIFIER));
    assertThat(deleteCq(0xffff)).isEqualTo(dnr(StatusCode.INVALID_QUEUE_IDENTIFIER));
    assertThat(deleteSq(1)).isZero();
    assertThat(deleteSq(1)).isEqualTo(dnr(StatusCode.INVALID_QUEUE_IDENTIFIER));
    assertThat(deleteCq(1)).isZero();
    assertThat(deleteCq(1)).isEqualTo(dnr(StatusCode.INVALID_QUEUE_IDENTIFIER));
    Host.Queue again = host.createQueue(1, 8);
    assertThat(host.io(again, IoOpcode.FLUSH, 0, 1, null)).isZero();
  }

  @Test
  void severalSubmissionQueuesToOneCompletionQueue() {
    Host.Queue one = host.createQueue(1, 16);
    Host.Queue two = host.new Queue(2, 16);
    assertThat(host.createSubmission(two, 1).status()).isZero();
    int first = host.post(one, IoOpcode.FLUSH, 1, 0, 1, 0, null);
    int second = host.post(two, IoOpcode.FLUSH, 1, 0, 1, 0, null);
    one.ring();
    two.ring();
    host.settle();
    Host.Completion a = one.take();
    Host.Completion b = one.take();
    assertThat(a.commandId()).isEqualTo(first);
    assertThat(a.sqId()).isEqualTo(1);
    assertThat(b.commandId()).isEqualTo(second);
    assertThat(b.sqId()).isEqualTo(2);
    assertThat(deleteSq(1)).isZero();
    assertThat(deleteCq(1)).isEqualTo(dnr(StatusCode.INVALID_QUEUE_DELETION));
    assertThat(deleteSq(2)).isZero();
    assertThat(deleteCq(1)).isZero();
  }

  @Test
  void numberOfQueues() {
    int fid = Feature.NUMBER_OF_QUEUES;
    assertThat(host.admin(AdminOpcode.GET_FEATURES, 0, null, fid).result()).isEqualTo(0x00030003);
    assertThat(host.admin(AdminOpcode.SET_FEATURES, 0, null, fid, 0x007f007f).result())
        .as("as many as there are")
        .isEqualTo(0x00030003);
    assertThat(host.admin(AdminOpcode.SET_FEATURES, 0, null, fid, 0x00010000).result())
        .isEqualTo(0x00010001);
    assertThat(host.admin(AdminOpcode.GET_FEATURES, 0, null, fid).result()).isEqualTo(0x00010001);
    assertThat(host.admin(AdminOpcode.SET_FEATURES, 0, null, fid, 0x0000ffff).status())
        .isEqualTo(dnr(StatusCode.INVALID_FIELD));
    assertThat(host.admin(AdminOpcode.SET_FEATURES, 0, null, fid, 0xffff0000).status())
        .isEqualTo(dnr(StatusCode.INVALID_FIELD));
    assertThat(createCq(QueueCommand.cdw10(3, 8), QueueCommand.completionCdw11(false, 0)))
        .as("more than were granted")
        .isEqualTo(dnr(StatusCode.INVALID_QUEUE_IDENTIFIER));
    assertThat(createCq(QueueCommand.cdw10(2, 8), QueueCommand.completionCdw11(false, 0))).isZero();
    assertThat(host.admin(AdminOpcode.SET_FEATURES, 0, null, fid, 0).status())
        .as("with queues")
        .isEqualTo(dnr(StatusCode.COMMAND_SEQUENCE_ERROR));
  }

  @Test
  void commandsOfADeletedQueueAreAborted() {
    try (Host slow =
        Host.ready(
            new DriveSettings(), Personalities.latency(1_000_000), new MemoryBackend(1 << 20))) {
      Host.Queue queue = slow.createQueue(1, 8);
      int first = slow.post(queue, IoOpcode.WRITE_ZEROES, 1, 0, 1, 0, null);
      int second = slow.post(queue, IoOpcode.WRITE_ZEROES, 1, 0, 1, 0, null);
      queue.ring();
      slow.settle();
      assertThat(queue.hasCompletion()).isFalse();
      assertThat(slow.admin(AdminOpcode.DELETE_IO_SUBMISSION_QUEUE, 0, null, 1).status()).isZero();
      for (int id : new int[] {first, second}) {
        Host.Completion completion = queue.take();
        assertThat(completion.commandId()).isEqualTo(id);
        assertThat(completion.status()).isEqualTo(StatusCode.ABORTED_SQ_DELETION.status());
      }
      slow.clock.advance(10_000_000);
      slow.settle();
      assertThat(queue.hasCompletion()).isFalse();
      assertThat(slow.admin(AdminOpcode.DELETE_IO_COMPLETION_QUEUE, 0, null, 1).status()).isZero();
    }
  }
}
