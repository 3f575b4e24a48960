package sluice.virtual.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.AsyncEvent;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.LogPage;
import sluice.nvme.spec.Registers;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.media.NullBackend;
import sluice.virtual.personality.Personalities;
import sluice.virtual.personality.Personality;

/** Doorbells, good and bad, and queues that are full. */
class DoorbellsTest {
  private static final int ERROR_LOG = 1 << 16;

  private static void armEvent(Host host) {
    host.admin.begin(AdminOpcode.ASYNCHRONOUS_EVENT_REQUEST, 0);
    host.admin.ring();
    host.settle();
    assertThat(host.admin.hasCompletion()).isFalse();
  }

  /** The drive watches doorbells without a queue one a turn, so a few idle turns are needed. */
  private static void idle(Host host) {
    for (int i = 0; i < 200; i++) {
      host.settle();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 8})
  void everyStride(int dstrd) {
    try (Host host = Host.ready(new DriveSettings().dstrd(dstrd).ioQueues(3))) {
      for (int id = 1; id <= 3; id++) {
        Host.Queue queue = host.createQueue(id, 4);
        for (int i = 0; i < 10; i++) {
          assertThat(host.io(queue, IoOpcode.FLUSH, 0, 1, null)).isZero();
        }
      }
    }
  }

  @Test
  void storesToTheMappingAreDoorbellsToo() {
    try (Host host = Host.ready()) {
      Host.Queue queue = host.createQueue(1, 8);
      long doorbell =
          host.bar.mapping(Registers.submissionDoorbell(1, 0), 4).orElseThrow().address();
      queue.begin(IoOpcode.FLUSH, 1);
      OffHeap.putIntRelease(doorbell, queue.tail);
      host.settle();
      assertThat(queue.take().status()).isZero();
    }
  }

  @Test
  void allQueuesAtOnce() {
    try (Host host = Host.ready()) {
      List<Host.Queue> queues = new ArrayList<>();
      for (int id = 1; id <= 64; id++) {
        queues.add(host.createQueue(id, 8));
      }
      for (int round = 0; round < 20; round++) {
        for (Host.Queue queue : queues) {
          for (int i = 0; i < 7; i++) {
            host.post(queue, IoOpcode.FLUSH, 1, 0, 1, 0, null);
          }
          queue.ring();
        }
        host.settle();
        for (Host.Queue queue : queues) {
          for (int i = 0; i < 7; i++) {
            assertThat(queue.take().sqId()).isEqualTo(queue.id);
          }
          assertThat(queue.hasCompletion()).isFalse();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 64, 1024})
  void wrapsAround(int entries) {
    try (Host host = Host.ready()) {
      Host.Queue queue = host.createQueue(1, entries);
      int posted = 0;
      for (int round = 0; posted < 5 * entries; round++) {
        int batch = 1 + round % (entries - 1);
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < batch; i++) {
          ids.add(host.post(queue, IoOpcode.FLUSH, 1, 0, 1, 0, null));
        }
        queue.ring();
        host.settle();
        for (int id : ids) {
          Host.Completion completion = queue.take();
          assertThat(completion.commandId()).isEqualTo(id);
          posted++;
        }
        assertThat(queue.hasCompletion()).isFalse();
      }
    }
  }

  /** A completion queue shorter than its submission queue: nothing is overwritten, nothing lost. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1000})
  void completionsWaitForRoom(long latency) {
    Personality personality = latency == 0 ? Personality.PLAIN : Personalities.latency(latency);
    try (Host host = Host.ready(new DriveSettings(), personality, new NullBackend(1 << 20))) {
      Host.Queue shortQueue = host.createQueue(1, 4);
      Host.Queue longQueue = host.new Queue(2, 64);
      assertThat(host.createSubmission(longQueue, 1).status()).isZero();
      List<Integer> posted = new ArrayList<>();
      for (int i = 0; i < 63; i++) {
        posted.add(host.post(longQueue, IoOpcode.VERIFY, 1, 0, 1, 0, null));
      }
      longQueue.ring();
      List<Integer> completed = new ArrayList<>();
      for (int round = 0; completed.size() < 63; round++) {
        assertThat(round).isLessThan(100);
        host.settle();
        host.clock.advance(latency);
        host.settle();
        for (int i = 0; shortQueue.hasCompletion(); i++) {
          assertThat(i).as("completions in a queue with room for 3").isLessThan(3);
          completed.add(shortQueue.take().commandId());
        }
      }
      assertThat(completed).containsExactlyInAnyOrderElementsOf(posted);
      host.settle();
      assertThat(shortQueue.hasCompletion()).isFalse();
    }
  }

  @Test
  void aTailOutsideOfTheQueueIsAnEvent() {
    try (Host host = Host.ready()) {
      Host.Queue queue = host.createQueue(1, 8);
      armEvent(host);
      host.bar.write32(Registers.submissionDoorbell(1, 0), 8);
      idle(host);
      assertThat(host.admin.take().result())
          .isEqualTo(
              ERROR_LOG | AsyncEvent.ERROR_INVALID_DOORBELL_VALUE << 8 | AsyncEvent.TYPE_ERROR);
      assertThat(queue.hasCompletion()).isFalse();
      assertThat(host.io(queue, IoOpcode.FLUSH, 0, 1, null)).as("the queue goes on").isZero();
      armEvent(host);
      assertThat(host.admin.hasCompletion()).as("told once").isFalse();
    }
  }

  @Test
  void aHeadThatCannotBeIsAnEvent() {
    try (Host host = Host.ready()) {
      Host.Queue queue = host.createQueue(1, 4);
      armEvent(host);
      for (int i = 0; i < 3; i++) {
        host.post(queue, IoOpcode.FLUSH, 1, 0, 1, 0, null);
      }
      queue.ring();
      host.settle();
      // There is no completion behind entry 2 yet.
      host.bar.write32(Registers.completionDoorbell(1, 0), 9);
      host.post(queue, IoOpcode.FLUSH, 1, 0, 1, 0, null);
      queue.ring();
      idle(host);
      assertThat(AsyncEvent.information(host.admin.take().result()))
          .isEqualTo(AsyncEvent.ERROR_INVALID_DOORBELL_VALUE);
      for (int i = 0; i < 3; i++) {
        queue.take();
      }
      host.settle();
      assertThat(queue.take().status()).isZero();
    }
  }

  @Test
  void aDoorbellWithoutAQueueIsAnEvent() {
    try (Host host = Host.ready()) {
      armEvent(host);
      host.bar.write32(Registers.submissionDoorbell(5, 0), 0);
      idle(host);
      assertThat(host.admin.take().result())
          .as("register of a queue that is not")
          .isEqualTo(ERROR_LOG);
      // Further ones wait until the error log has been read.
      armEvent(host);
      host.bar.write32(Registers.completionDoorbell(64, 0), 3);
      idle(host);
      assertThat(host.admin.hasCompletion()).isFalse();
      int retain = LogPage.cdw10(LogPage.ERROR_INFORMATION, 64, true);
      assertThat(host.admin(AdminOpcode.GET_LOG_PAGE, 0, host.memory(4096), retain).status())
          .isZero();
      idle(host);
      assertThat(host.admin.hasCompletion()).as("retained").isFalse();
      int clear = LogPage.cdw10(LogPage.ERROR_INFORMATION, 64, false);
      host.admin.begin(AdminOpcode.GET_LOG_PAGE, 0);
      SubmissionEntry.cdw(host.admin.sq.address() + 64L * (host.admin.tail - 1), 10, clear);
      SubmissionEntry.prps(
          host.admin.sq.address() + 64L * (host.admin.tail - 1), host.memory(4096).iova(), 0);
      host.admin.ring();
      host.settle();
      assertThat(host.admin.take().status()).isZero();
      assertThat(host.admin.take().result()).isEqualTo(ERROR_LOG);
    }
  }

  @Test
  void aDeletedQueuesDoorbellIsWatchedAgain() {
    try (Host host = Host.ready()) {
      host.createQueue(1, 8);
      assertThat(host.admin(AdminOpcode.DELETE_IO_SUBMISSION_QUEUE, 0, null, 1).status()).isZero();
      assertThat(host.admin(AdminOpcode.DELETE_IO_COMPLETION_QUEUE, 0, null, 1).status()).isZero();
      armEvent(host);
      host.bar.write32(Registers.submissionDoorbell(1, 0), 1);
      idle(host);
      assertThat(host.admin.take().result()).isEqualTo(ERROR_LOG);
    }
  }
}
