package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.AsyncEvent;
import sluice.nvme.spec.ErrorLogEntry;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.LogPage;
import sluice.nvme.spec.Registers;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.virtual.media.Backend;
import sluice.virtual.media.NullBackend;
import sluice.virtual.pci.Host;
import sluice.virtual.personality.Personality;

/** How much a turn takes on, so that no queue waits long for the others. */
class TurnTest {
  private static final int BYTES = 128 << 10;
  private static final int DEPTH = 32;

  private final List<String> happened = new ArrayList<>();
  private final Backend media =
      new MediaProxy(new NullBackend(1L << 30)) {
        @Override
        public void read(long offset, long address, long length) {
          happened.add("read");
        }
      };
  private final Host host = Host.ready(new DriveSettings(), Personality.PLAIN, media);
  private final DmaMemory data = host.memory(BYTES);
  private final DmaMemory list = host.memory(4096);

  @AfterEach
  void close() {
    host.close();
  }

  private void postReads(Host.Queue queue, int count, int blocks) {
    for (int i = 1; i < BYTES / 4096; i++) {
      OffHeap.putLong(list.address() + (i - 1) * 8L, data.iova(i * 4096L));
    }
    for (int i = 0; i < count; i++) {
      long entry = queue.begin(IoOpcode.READ, 1);
      SubmissionEntry.cdw(entry, 12, blocks - 1);
      SubmissionEntry.prps(entry, data.iova(), list.iova());
    }
    queue.ring();
  }

  private int drain(Host.Queue queue) {
    int count = 0;
    for (; queue.hasCompletion(); count++) {
      assertThat(queue.take().status()).isZero();
    }
    return count;
  }

  @Test
  void aQueueHasAMegabyteOfDataAndTheNextComesThen() {
    Host.Queue first = host.createQueue(1, 64);
    Host.Queue second = host.createQueue(2, 64);
    postReads(first, DEPTH, 256);
    postReads(second, 4, 8);
    assertThat(host.step()).isEqualTo(8 + 4);
    assertThat(drain(first)).isEqualTo(8);
    assertThat(drain(second)).isEqualTo(4);
    host.settle();
    assertThat(drain(first)).isEqualTo(DEPTH - 8);
  }

  @Test
  void aTurnHasEightMegabytesAndTheOtherQueuesBeginTheNext() {
    List<Host.Queue> queues = new ArrayList<>();
    for (int id = 1; id <= 12; id++) {
      queues.add(host.createQueue(id, 64));
    }
    queues.forEach(queue -> postReads(queue, DEPTH, 256));
    assertThat(host.step()).isEqualTo(64);
    assertThat(queues.stream().map(this::drain))
        .containsExactly(8, 8, 8, 8, 8, 8, 8, 8, 0, 0, 0, 0);
    assertThat(host.step()).isEqualTo(64);
    assertThat(queues.stream().map(this::drain))
        .containsExactly(8, 8, 8, 8, 0, 0, 0, 0, 8, 8, 8, 8);
    host.settle();
    assertThat(queues.stream().mapToInt(this::drain).sum()).isEqualTo(12 * DEPTH - 128);
  }

  @Test
  void aQueueWithMuchDataHasItsInterruptBeforeTheNextQueueBegins() {
    host.drive.interrupts(vector -> happened.add("vector " + vector));
    Host.Queue first = host.createQueueWithVector(1, 64, 1);
    Host.Queue second = host.createQueueWithVector(2, 64, 2);
    happened.clear();
    postReads(first, 1, 256);
    postReads(second, 1, 8);
    host.step();
    String read = "read";
    assertThat(happened).containsExactly(read, "vector 1", read, "vector 2");
    drain(first);
    drain(second);
    happened.clear();
    postReads(first, 1, 8);
    postReads(second, 1, 8);
    host.step();
    assertThat(happened).as("with little").containsExactly(read, read, "vector 1", "vector 2");
  }

  @Test
  void anInvalidDoorbellIsInTheErrorLogThatItsEventNames() {
    host.createQueue(1, 8);
    long request = host.admin.begin(AdminOpcode.ASYNCHRONOUS_EVENT_REQUEST, 0);
    host.admin.ring();
    host.settle();
    host.bar.write32(Registers.DOORBELLS + 8, 100);
    host.settle();
    Host.Completion told = host.admin.take();
    assertThat(told.commandId()).isEqualTo(SubmissionEntry.commandId(request));
    assertThat(AsyncEvent.logPage(told.result())).isEqualTo(LogPage.ERROR_INFORMATION);
    int cdw10 = LogPage.cdw10(LogPage.ERROR_INFORMATION, 64, false);
    assertThat(host.admin(AdminOpcode.GET_LOG_PAGE, -1, data, cdw10).status()).isZero();
    ErrorLogEntry entry = new ErrorLogEntry(data.segment());
    assertThat(entry.errorCount()).isEqualTo(1);
    assertThat(entry.sqid()).as("of no command").isEqualTo(0xffff);
    assertThat(entry.cmdid()).isEqualTo(0xffff);
    assertThat(entry.status()).isEqualTo(StatusCode.INVALID_FIELD.status());
  }
}
