package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.pci.Host;
import sluice.virtual.personality.Personalities;

/** Hosts that use an identifier twice, and hosts that use as many as there are. */
class CommandIdentifierTest {
  private static final int CONFLICT = StatusCode.COMMAND_ID_CONFLICT.statusDnr();
  private static final int BLOCK = 512;

  private static Host host(String options) {
    return Host.ready(
        new DriveSettings().ioQueues(4).queueEntries(4096),
        Personalities.of(options),
        new MemoryBackend(16 << 20));
  }

  /** The entry posted last. */
  private static long last(Host.Queue queue) {
    int last = Math.floorMod(queue.tail - 1, queue.entries);
    return queue.sq.address() + SubmissionEntry.BYTES * (long) last;
  }

  private static void identify(Host.Queue queue, int commandId) {
    SubmissionEntry.commandId(last(queue), commandId);
  }

  private static Host.Completion next(Host host, Host.Queue queue) {
    host.settle();
    return queue.take();
  }

  @Test
  void anIdentifierThatIsOutIsNotTakenAgain() {
    try (Host host = host("latency=1ms")) {
      Host.Queue queue = host.createQueue(1, 16);
      Host.Queue other = host.createQueue(2, 16);
      DmaMemory data = host.memory(4096);
      Host.fill(data, 1);
      host.post(queue, IoOpcode.WRITE, 1, 0, 1, 0, data);
      identify(queue, 77);
      queue.ring();
      host.settle();
      host.post(queue, IoOpcode.WRITE, 1, 8, 1, 0, data);
      identify(queue, 77);
      queue.ring();
      host.post(other, IoOpcode.WRITE, 1, 16, 1, 0, data);
      identify(other, 77);
      other.ring();
      host.settle();
      host.clock.advance(2_000_000);
      assertThat(next(host, queue)).extracting(c -> c.status()).isEqualTo(0);
      assertThat(next(host, queue)).isEqualTo(new Host.Completion(0, 2, 1, 77, CONFLICT));
      assertThat(next(host, other)).extracting(c -> c.status()).isEqualTo(0);
      assertThat(queue.hasCompletion()).isFalse();
      host.post(queue, IoOpcode.COMPARE, 1, 0, 1, 0, data);
      identify(queue, 77);
      assertThat(afterwards(host, queue)).as("once it has completed").isZero();
      host.post(queue, IoOpcode.COMPARE, 1, 8, 1, 0, data);
      assertThat(afterwards(host, queue))
          .as("nothing was written by the second")
          .isEqualTo(StatusCode.COMPARE_FAILURE.statusDnr());
    }
  }

  private static int afterwards(Host host, Host.Queue queue) {
    queue.ring();
    host.settle();
    host.clock.advance(2_000_000);
    return next(host, queue).status();
  }

  /** Wherever the drive keeps the one that is out. */
  @Test
  void norByTheSecondOfAFusedPair() {
    try (Host host = host("latency=1ms")) {
      Host.Queue queue = host.createQueue(1, 16);
      DmaMemory data = host.memory(4096);
      for (int commandId : new int[] {1, 77}) {
        host.post(queue, IoOpcode.WRITE, 1, 0, 1, 0, data);
        identify(queue, commandId);
        queue.ring();
        host.settle();
        host.clock.advance(600_000);
      }
      assertThat(next(host, queue)).extracting(c -> c.commandId()).isEqualTo(1);
      fuse(host, queue, IoOpcode.COMPARE, SubmissionEntry.FUSE_FIRST, 5, data);
      fuse(host, queue, IoOpcode.WRITE, SubmissionEntry.FUSE_SECOND, 77, data);
      queue.ring();
      host.settle();
      host.clock.advance(2_000_000);
      assertThat(next(host, queue)).extracting(c -> c.status()).isEqualTo(0);
      assertThat(List.of(next(host, queue), next(host, queue)))
          .extracting(c -> c.commandId() + " " + c.status())
          .containsExactlyInAnyOrder("5 0", "77 " + CONFLICT);
    }
  }

  private static void fuse(
      Host host, Host.Queue queue, int opcode, int fuse, int commandId, DmaMemory data) {
    host.post(queue, opcode, 1, 64, 1, 0, data);
    OffHeap.putInt(last(queue), OffHeap.getInt(last(queue)) | fuse << 8);
    identify(queue, commandId);
  }

  @Test
  void anEventRequestsIdentifierIsOutUntilItsEvent() {
    try (Host host = host("latency=0ns")) {
      host.admin.begin(AdminOpcode.ASYNCHRONOUS_EVENT_REQUEST, 0);
      identify(host.admin, 5);
      host.admin.begin(AdminOpcode.ASYNCHRONOUS_EVENT_REQUEST, 0);
      identify(host.admin, 5);
      host.admin.begin(AdminOpcode.GET_FEATURES, 0);
      identify(host.admin, 5);
      host.admin.ring();
      assertThat(next(host, host.admin).status()).isEqualTo(CONFLICT);
      assertThat(next(host, host.admin).status()).isEqualTo(CONFLICT);
      host.admin.begin(AdminOpcode.ABORT, 0);
      SubmissionEntry.cdw(last(host.admin), 10, 5 << 16);
      assertThat(host.finish(host.admin))
          .extracting(c -> c.commandId(), c -> c.status())
          .containsExactly(5, StatusCode.ABORT_REQUESTED.status());
      assertThat(host.admin.take().result()).as("aborted").isZero();
    }
  }

  @Test
  void aHostWhoseCommandsAreAllStuckCanAbortThem() {
    try (Host host = host("stuck=count:1-1000000")) {
      List<Host.Queue> queues = new ArrayList<>();
      for (int id = 1; id <= 3; id++) {
        Host.Queue queue = host.createQueue(id, 4096);
        queues.add(queue);
        for (int i = 0; i < 4095; i++) {
          host.post(queue, IoOpcode.FLUSH, 1, 0, 1, 0, null);
          identify(queue, i);
        }
        queue.ring();
      }
      host.settle();
      host.admin.begin(AdminOpcode.ABORT, 0);
      SubmissionEntry.cdw(last(host.admin), 10, 7 << 16 | 1);
      assertThat(host.finish(host.admin).result()).as("aborted").isZero();
      assertThat(queues.getFirst().take())
          .extracting(c -> c.commandId(), c -> c.status())
          .containsExactly(7, StatusCode.ABORT_REQUESTED.status());
    }
  }

  @Test
  void theFirstOfAFusedPairIsNotExecutedUnderAnIdentifierThatIsOut() {
    try (Host host = host("latency=1ms")) {
      Host.Queue queue = host.createQueue(1, 16);
      DmaMemory data = host.memory(BLOCK);
      host.post(queue, IoOpcode.FLUSH, 1, 0, 1, 0, null);
      identify(queue, 9);
      host.post(queue, IoOpcode.COMPARE, 1, 0, 1, 0, data);
      identify(queue, 9);
      fuse(queue, SubmissionEntry.FUSE_FIRST);
      host.post(queue, IoOpcode.WRITE, 1, 0, 1, 0, data);
      fuse(queue, SubmissionEntry.FUSE_SECOND);
      queue.ring();
      host.settle();
      host.clock.advance(2_000_000);
      host.settle();
      // All are due at the same time, and then in any order.
      assertThat(List.of(queue.take(), queue.take(), queue.take()))
          .extracting(c -> c.status())
          .containsExactlyInAnyOrder(0, CONFLICT, StatusCode.ABORTED_FAILED_FUSED.status());
    }
  }

  private static void fuse(Host.Queue queue, int fuse) {
    OffHeap.putInt(last(queue), OffHeap.getInt(last(queue)) | fuse << 8);
  }
}
