package sluice.virtual.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.spec.DiscoveryEntry;
import sluice.nvme.tcp.Discovery;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/** The driver on a drive that is shared: two ends that are ours. */
class DriverOnTargetTest {
  private static final Duration DEADLINE = Duration.ofMinutes(1);
  private static final int KIB = 1024;

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final List<String> completed = new ArrayList<>();
  private final List<String> notices = new ArrayList<>();

  @TempDir Path folder;

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T own(T thing) {
    opened.add(thing);
    return thing;
  }

  private NvmeController open(String address) {
    return own(
        Drives.open(
            DriveAddress.parse(address), ControllerOptions.defaults().withOnNotice(notices::add)));
  }

  private void pollFor(IoQueue queue, int requests) {
    long start = System.nanoTime();
    while (completed.size() < requests) {
      assertThat(System.nanoTime() - start).as("time, %s", queue).isLessThan(DEADLINE.toNanos());
      if (queue.poll((tag, status) -> completed.add(tag + ":" + status)) == 0) {
        boolean _ = queue.await(1_000_000);
      }
    }
  }

  private RunningTarget target(String media) {
    if (media.equals("another")) {
      RunningTarget behind = own(RunningTarget.of("memory?size=64M"));
      return own(RunningTarget.ofAddress(behind.address("a") + "?nqn=" + RunningTarget.NQN + "a"));
    }
    String drive =
        switch (media) {
          case "file" -> folder.resolve("disk") + "?size=64M";
          case "slow" -> "memory?size=64M&latency=200us";
          default -> "memory?size=64M";
        };
    return own(RunningTarget.of(drive));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "memory,",
        "memory,?hdgst=yes&ddgst=yes",
        "memory,?hdgst=yes",
        "memory,?ddgst=yes&depth=2",
        "file,",
        "file,?hdgst=yes&ddgst=yes",
        "slow,?depth=8",
        "another,",
        "another,?hdgst=yes&ddgst=yes"
      })
  void whatIsWrittenIsReadBack(String what) {
    String media = what.substring(0, what.indexOf(','));
    RunningTarget target = target(media);
    NvmeController controller = open(target.address("a") + what.substring(media.length() + 1));
    IoQueue queue = own(controller.createIoQueue(2));
    Namespace namespace = controller.namespace(1);
    int most = 1024 * KIB;
    DmaMemory memory = controller.dma().allocate(2L * most);
    Random random = new Random(what.hashCode());
    int tag = 0;
    for (int bytes : new int[] {512, 4096, 8192, 8704, 16 * KIB, 128 * KIB, 129 * KIB, most}) {
      completed.clear();
      for (long i = 0; i < bytes; i += Long.BYTES) {
        OffHeap.putLong(memory.address() + i, random.nextLong());
        OffHeap.putLong(memory.address() + most + i, 0);
      }
      long lba = random.nextInt(1000);
      assertThat(queue.write(namespace, lba, bytes >> 9, memory, 0, tag++)).isTrue();
      pollFor(queue, 1);
      assertThat(queue.flush(namespace, tag++)).isTrue();
      assertThat(queue.read(namespace, lba, bytes >> 9, memory, most, tag++)).isTrue();
      pollFor(queue, 3);
      assertThat(completed).allMatch(line -> line.endsWith(":0"));
      assertThat(OffHeap.isEqual(memory.address(), memory.address() + most, bytes))
          .as("%d bytes", bytes)
          .isTrue();
    }
    assertThat(notices).isEmpty();
    assertThat(target.failure()).isNull();
  }

  /** For 16 bytes of a range a page is sent, in the capsule. */
  @Test
  void blocksAreDeallocatedAndNoOthers() {
    RunningTarget target = target("memory");
    NvmeController controller = open(target.address("a"));
    IoQueue queue = own(controller.createIoQueue(2));
    Namespace namespace = controller.namespace(1);
    DmaMemory memory = controller.dma().allocate(3 * 512);
    memory.segment().fill((byte) 7);
    assertThat(queue.write(namespace, 10, 3, memory, 0, 0)).isTrue();
    pollFor(queue, 1);
    assertThat(queue.deallocate(namespace, 11, 1, 1)).isTrue();
    pollFor(queue, 2);
    assertThat(queue.read(namespace, 10, 3, memory, 0, 2)).isTrue();
    pollFor(queue, 3);
    assertThat(completed).containsExactly("0:0", "1:0", "2:0");
    for (int block = 0; block < 3; block++) {
      long first = OffHeap.getLong(memory.address() + block * 512L);
      assertThat(first).isEqualTo(block == 1 ? 0 : 0x0707070707070707L);
    }
  }

  @Test
  void manyHostsWriteAtTheSameTime() {
    RunningTarget target = own(RunningTarget.of("memory?size=64M", "memory?size=64M"));
    List<IoQueue> queues = new ArrayList<>();
    List<Namespace> namespaces = new ArrayList<>();
    List<DmaMemory> memories = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      NvmeController controller = open(target.address(i % 2 == 0 ? "a" : "b"));
      for (int j = 0; j < 3; j++) {
        queues.add(own(controller.createIoQueue(32)));
        namespaces.add(controller.namespace(1));
        memories.add(controller.dma().allocate(32L * 8192));
      }
    }
    for (int q = 0; q < queues.size(); q++) {
      for (int i = 0; i < 32; i++) {
        OffHeap.putLong(memories.get(q).address() + i * 8192L, q * 100L + i);
        long lba = (q * 32L + i) * 16;
        assertThat(queues.get(q).write(namespaces.get(q), lba, 16, memories.get(q), i * 8192L, i))
            .isTrue();
      }
    }
    for (IoQueue queue : queues) {
      completed.clear();
      pollFor(queue, 32);
      assertThat(completed).allMatch(line -> line.endsWith(":0"));
    }
    for (int q = 0; q < queues.size(); q++) {
      completed.clear();
      memories.get(q).segment().fill((byte) 0);
      for (int i = 0; i < 32; i++) {
        long lba = (q * 32L + i) * 16;
        assertThat(queues.get(q).read(namespaces.get(q), lba, 16, memories.get(q), i * 8192L, i))
            .isTrue();
      }
      pollFor(queues.get(q), 32);
      for (int i = 0; i < 32; i++) {
        assertThat(OffHeap.getLong(memories.get(q).address() + i * 8192L)).isEqualTo(q * 100L + i);
      }
    }
    assertThat(target.log()).hasSize(6).allMatch(line -> line.contains("has connected"));
  }

  @Test
  void controllersHaveIdentifiersOfTheirOwn() {
    RunningTarget target = target("memory");
    NvmeController first = open(target.address("a"));
    NvmeController second = open(target.address("a"));
    assertThat(first.identify().cntlid()).isNotEqualTo(second.identify().cntlid());
    assertThat(first.identify().cmic() & 2).as("many controllers").isEqualTo(2);
    assertThat(first.identify().subnqn()).isEqualTo(second.identify().subnqn());
  }

  @Test
  void theDiscoveryServiceTellsOfAllDrives() {
    RunningTarget target = own(RunningTarget.of("memory?size=64M", "null?size=1T"));
    Discovery.Log log = Discovery.ask("127.0.0.1:" + target.port(), Map.of());
    assertThat(log.entries()).hasSize(2);
    assertThat(log.entries().getLast())
        .satisfies(entry -> {
          assertThat(entry.subsystem()).isEqualTo(RunningTarget.NQN + "b");
          assertThat(entry.transport()).isEqualTo(DiscoveryEntry.TCP);
          assertThat(entry.address()).isEqualTo("127.0.0.1");
          assertThat(entry.service()).isEqualTo(Integer.toString(target.port()));
        });
  }

  @Test
  void aHostThatIsNotAllowedIsRefusedAndToldOfNothing() {
    String allowed = "nqn.2014-08.org.example:me";
    RunningTarget target =
        own(
            RunningTarget.of(
                options -> options.withAllowedHosts(Set.of(allowed)), "memory?size=64M"));
    assertThatThrownBy(() -> open(target.address("a")))
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining("does not let this host in");
    assertThat(Discovery.ask("127.0.0.1:" + target.port(), Map.of()).entries()).isEmpty();
    assertThat(open(target.address("a") + "?hostnqn=" + allowed).namespaces()).hasSize(1);
    assertThat(Discovery.ask("127.0.0.1:" + target.port(), Map.of("hostnqn", allowed)).entries())
        .hasSize(1);
  }

  @Test
  void aNameThatIsNotThereIsRefused() {
    RunningTarget target = target("memory");
    assertThatThrownBy(() -> open(target.address("z")))
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining("it has none of that name");
  }

  @Test
  void aHostMoreThanThereMayBeIsRefused() {
    RunningTarget target =
        own(RunningTarget.of(options -> options.withMostControllers(1), "memory?size=64M"));
    NvmeController _ = open(target.address("a"));
    assertThatThrownBy(() -> open(target.address("a")))
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining("busy");
  }

  @Test
  void aControllerThatIsResetServesOn() {
    RunningTarget target = target("memory");
    NvmeController controller = open(target.address("a") + "?kato=2s");
    IoQueue queue = own(controller.createIoQueue(8));
    assertThat(queue.flush(controller.namespace(1), 1)).isTrue();
    pollFor(queue, 1);
    controller.reset();
    long start = System.nanoTime();
    while (!queue.flush(controller.namespace(1), 2)) {
      assertThat(System.nanoTime() - start).isLessThan(DEADLINE.toNanos());
      int _ = queue.poll((tag, status) -> completed.add(tag + ":" + status));
    }
    pollFor(queue, 2);
    assertThat(completed).containsExactly("1:0", "2:0");
  }
}
