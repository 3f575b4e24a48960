package sluice.virtual.personality;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.SmartLog;
import sluice.nvme.spec.StatusCode;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.media.NullBackend;
import sluice.virtual.pci.Host;

/** What a drive with a personality does, with a clock that is moved by hand. */
class PersonalityTest {
  private static final long MICRO = 1_000;
  private static final long MILLI = 1_000_000;

  private static Host host(String personality) {
    return Host.ready(
        new DriveSettings().blockBytes(4096),
        Personalities.of(personality),
        new NullBackend(1L << 40));
  }

  /** The status, after the drive completed the command exactly then and not a nanosecond before. */
  private static int completesAfter(Host host, Host.Queue queue, long nanos) {
    queue.ring();
    host.settle();
    if (nanos > 0) {
      assertThat(queue.hasCompletion()).as("at once").isFalse();
      host.clock.advance(nanos - 1);
      host.settle();
      assertThat(queue.hasCompletion()).as("after %d ns", nanos - 1).isFalse();
      host.clock.advance(1);
      host.settle();
    }
    return queue.take().status();
  }

  @Test
  void latency() {
    try (Host host = host("latency=80us")) {
      Host.Queue queue = host.createQueue(1, 16);
      DmaMemory data = host.memory(4096);
      for (int opcode :
          new int[] {IoOpcode.READ, IoOpcode.WRITE, IoOpcode.FLUSH, IoOpcode.VERIFY}) {
        host.post(queue, opcode, 1, 0, 1, 0, data);
        assertThat(completesAfter(host, queue, 80 * MICRO)).isZero();
      }
      for (int i = 0; i < 15; i++) {
        host.post(queue, IoOpcode.READ, 1, i, 1, 0, data);
      }
      assertThat(completesAfter(host, queue, 80 * MICRO)).as("15 at a time").isZero();
      for (int i = 0; i < 14; i++) {
        assertThat(queue.take().status()).isZero();
      }
    }
  }

  @Test
  void bandwidth() {
    try (Host host = host("bandwidth=409600KB/s")) {
      Host.Queue queue = host.createQueue(1, 16);
      DmaMemory data = host.memory(4096);
      for (int i = 0; i < 3; i++) {
        host.post(queue, i == 1 ? IoOpcode.WRITE : IoOpcode.READ, 1, i, 1, 0, data);
      }
      queue.ring();
      host.settle();
      for (int i = 0; i < 3; i++) {
        assertThat(completesAfter(host, queue, 10 * MICRO)).isZero();
      }
      host.clock.advance(1000 * MICRO);
      host.post(queue, IoOpcode.READ, 1, 0, 1, 0, data);
      assertThat(completesAfter(host, queue, 10 * MICRO)).as("an idle pipe saves nothing").isZero();
      assertThat(host.io(queue, IoOpcode.FLUSH, 0, 1, null)).as("no data, no time").isZero();
    }
  }

  @Test
  void pauses() {
    // Without jitter: from 100 ms on, every 100 ms, for 10 ms.
    try (Host host = host("pause=10ms&every=100ms")) {
      Host.Queue queue = host.createQueue(1, 16);
      host.clock.advance(100 * MILLI - 1);
      assertThat(host.io(queue, IoOpcode.FLUSH, 0, 1, null)).as("just before").isZero();
      host.clock.advance(1);
      host.post(queue, IoOpcode.FLUSH, 1, 0, 1, 0, null);
      assertThat(completesAfter(host, queue, 10 * MILLI)).isZero();
      host.clock.advance(90 * MILLI);
      host.admin.begin(AdminOpcode.GET_FEATURES, 0);
      host.admin.ring();
      host.settle();
      assertThat(host.admin.hasCompletion()).as("no command completes").isFalse();
      assertThat(host.csts()).as("registers answer").isEqualTo(1);
      host.clock.advance(10 * MILLI);
      host.settle();
      assertThat(host.admin.hasCompletion()).isTrue();
      host.admin.take();
      host.clock.advance(1_000 * MILLI);
      host.post(queue, IoOpcode.FLUSH, 1, 0, 1, 0, null);
      assertThat(host.finish(queue).status()).as("210 ms + 1 s is between pauses").isZero();
    }
  }

  @Test
  void aCommandThatIsDueInAPauseCompletesAfterIt() {
    try (Host host = host("latency=5ms&pause=10ms&every=100ms")) {
      Host.Queue queue = host.createQueue(1, 16);
      host.clock.advance(97 * MILLI);
      host.post(queue, IoOpcode.FLUSH, 1, 0, 1, 0, null);
      assertThat(completesAfter(host, queue, 13 * MILLI)).isZero();
    }
  }

  @Test
  void pausesWithJitterAreKnownFromTheSeed() {
    List<Long> starts = pauseStarts(1);
    assertThat(pauseStarts(1)).isEqualTo(starts);
    assertThat(pauseStarts(2)).isNotEqualTo(starts);
    long last = 0;
    for (long start : starts) {
      assertThat(start - last).isBetween(80 * MILLI, 120 * MILLI);
      last = start;
    }
  }

  /** When the first pauses begin, to a tenth of a millisecond. */
  private static List<Long> pauseStarts(long seed) {
    Pauses pauses =
        new Pauses(Personalities.of("pause=5ms&every=100ms&jitter=20%&seed=" + seed), 0);
    List<Long> starts = new ArrayList<>();
    boolean before = false;
    for (long now = 0; starts.size() < 50; now += MILLI / 10) {
      boolean paused = pauses.isPaused(now);
      if (paused && !before) {
        starts.add(now);
      }
      before = paused;
    }
    return starts;
  }

  @Test
  void theCliff() {
    // 4 blocks at 10 us each, then 100 us each.
    try (Host host = host("bandwidth=409600KB/s&cliff=16KiB&after=40960KB/s")) {
      Host.Queue queue = host.createQueue(1, 16);
      DmaMemory data = host.memory(4096);
      for (int i = 0; i < 4; i++) {
        host.post(queue, IoOpcode.WRITE, 1, i, 1, 0, data);
        assertThat(completesAfter(host, queue, 10 * MICRO)).isZero();
      }
      for (int i = 0; i < 3; i++) {
        host.post(queue, IoOpcode.WRITE, 1, i, 1, 0, data);
        assertThat(completesAfter(host, queue, 100 * MICRO)).as("behind the cliff").isZero();
      }
      host.post(queue, IoOpcode.READ, 1, 0, 1, 0, data);
      assertThat(completesAfter(host, queue, 10 * MICRO)).as("reads are as ever").isZero();
      host.clock.advance(200 * MICRO);
      for (int i = 0; i < 2; i++) {
        host.post(queue, IoOpcode.WRITE, 1, i, 1, 0, data);
        assertThat(completesAfter(host, queue, 10 * MICRO)).as("room again for two").isZero();
      }
      host.post(queue, IoOpcode.WRITE, 1, 0, 1, 0, data);
      assertThat(completesAfter(host, queue, 100 * MICRO)).isZero();
      host.clock.advance(10_000 * MICRO);
      for (int i = 0; i < 4; i++) {
        host.post(queue, IoOpcode.WRITE, 1, i, 1, 0, data);
        assertThat(completesAfter(host, queue, 10 * MICRO)).as("empty again").isZero();
      }
      host.post(queue, IoOpcode.WRITE, 1, 0, 1, 0, data);
      assertThat(completesAfter(host, queue, 100 * MICRO)).isZero();
    }
  }

  @Test
  void errorsByBlock() {
    try (Host host = host("error=lba:10-12:unrecovered-read,lba:20:write-fault:dnr")) {
      Host.Queue queue = host.createQueue(1, 16);
      DmaMemory data = host.memory(8192);
      int unreadable = StatusCode.UNRECOVERED_READ_ERROR.status();
      assertThat(host.io(queue, IoOpcode.READ, 9, 1, data)).isZero();
      assertThat(host.io(queue, IoOpcode.READ, 9, 2, data)).isEqualTo(unreadable);
      assertThat(host.io(queue, IoOpcode.READ, 12, 1, data)).isEqualTo(unreadable);
      assertThat(host.io(queue, IoOpcode.VERIFY, 12, 1, data)).isEqualTo(unreadable);
      assertThat(host.io(queue, IoOpcode.COMPARE, 11, 1, data)).isEqualTo(unreadable);
      assertThat(host.io(queue, IoOpcode.READ, 13, 1, data)).isZero();
      assertThat(host.io(queue, IoOpcode.WRITE, 11, 1, data)).isZero();
      assertThat(host.io(queue, IoOpcode.WRITE, 19, 2, data))
          .isEqualTo(StatusCode.WRITE_FAULT.statusDnr());
      assertThat(host.io(queue, IoOpcode.WRITE_ZEROES, 20, 1, data))
          .isEqualTo(StatusCode.WRITE_FAULT.statusDnr());
      assertThat(host.io(queue, IoOpcode.READ, 20, 1, data)).isZero();
    }
  }

  @Test
  void errorsByCount() {
    try (Host host = host("error=count:3:internal,count:5-6:write-fault")) {
      Host.Queue queue = host.createQueue(1, 16);
      DmaMemory data = host.memory(4096);
      List<Integer> statuses = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        statuses.add(host.io(queue, IoOpcode.WRITE, i, 1, data));
      }
      int internal = StatusCode.INTERNAL_ERROR.status();
      int fault = StatusCode.WRITE_FAULT.status();
      assertThat(statuses).containsExactly(0, 0, internal, 0, fault, fault, 0, 0);
    }
  }

  @Test
  void aStuckCommandCanBeAborted() {
    try (Host host = host("stuck=count:2")) {
      Host.Queue queue = host.createQueue(1, 16);
      assertThat(host.io(queue, IoOpcode.FLUSH, 0, 1, null)).isZero();
      int stuck = host.post(queue, IoOpcode.FLUSH, 1, 0, 1, 0, null);
      int next = host.post(queue, IoOpcode.FLUSH, 1, 0, 1, 0, null);
      queue.ring();
      host.settle();
      host.clock.advance(3_600_000 * MILLI);
      host.settle();
      assertThat(queue.take().commandId()).isEqualTo(next);
      assertThat(queue.hasCompletion()).isFalse();
      assertThat(host.admin(AdminOpcode.ABORT, 0, null, stuck << 16 | 1).result()).isZero();
      host.settle();
      Host.Completion aborted = queue.take();
      assertThat(aborted.commandId()).isEqualTo(stuck);
      assertThat(aborted.status()).isEqualTo(StatusCode.ABORT_REQUESTED.status());
      assertThat(host.admin(AdminOpcode.ABORT, 0, null, stuck << 16 | 1).result()).isEqualTo(1);
    }
  }

  @Test
  void flippedBits() {
    try (Host host = host("flip=lba:5")) {
      Host.Queue queue = host.createQueue(1, 16);
      DmaMemory data = host.memory(8192);
      assertThat(host.io(queue, IoOpcode.READ, 4, 2, data)).isZero();
      assertThat(OffHeap.getLong(data.address())).isZero();
      assertThat(OffHeap.getLong(data.address() + 4096)).isEqualTo(1);
      assertThat(host.io(queue, IoOpcode.COMPARE, 5, 1, host.memory(4096)))
          .isEqualTo(StatusCode.COMPARE_FAILURE.statusDnr());
    }
  }

  @Test
  void temperature() {
    try (Host host = host("temperature=45C&warning=60C")) {
      DmaMemory page = host.memory(4096);
      assertThat(host.admin(AdminOpcode.IDENTIFY, 0, page, 1).status()).isZero();
      assertThat(new IdentifyController(page.segment()).wctemp()).isEqualTo(333);
      assertThat(host.admin(AdminOpcode.GET_LOG_PAGE, 0, page, 0x007f0002).status()).isZero();
      assertThat(new SmartLog(page.segment()).compositeTemperature()).isEqualTo(318);
    }
  }
}
