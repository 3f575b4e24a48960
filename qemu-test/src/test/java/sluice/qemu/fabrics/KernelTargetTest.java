package sluice.qemu.fabrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.drive.NvmeDrive;
import sluice.nvme.spec.DiscoveryEntry;
import sluice.nvme.spec.StatusCode;
import sluice.nvme.tcp.Discovery;
import sluice.recorder.Player;
import sluice.recorder.Recording;
import sluice.recorder.RecordingOptions;
import sluice.recorder.RecordingReader;
import sluice.recorder.RecordingSession;
import sluice.recorder.Volume;
import sluice.recorder.VolumeOptions;
import sluice.recorder.format.EndReason;
import sluice.recorder.sink.VerifySink;
import sluice.recorder.source.SourceOptions;
import sluice.recorder.source.Sources;
import sluice.recorder.stream.Pattern;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/** Linux's target, as it is in a stock kernel. */
@Order(2)
@Tag("guest")
class KernelTargetTest {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final int MIB = 1 << 20;

  private static KernelTarget target;

  private final List<String> completed = new ArrayList<>();
  private final List<String> notices = new ArrayList<>();

  @BeforeAll
  static void boot() throws IOException {
    target = KernelTarget.start();
  }

  @AfterAll
  static void end() {
    target.close();
  }

  private NvmeController open(String options) {
    return Drives.open(
        DriveAddress.parse(target.address() + options),
        ControllerOptions.defaults().withOnNotice(notices::add));
  }

  private void pollFor(IoQueue queue, int requests) {
    long start = System.nanoTime();
    while (completed.size() < requests) {
      assertThat(System.nanoTime() - start)
          .as("time for %d requests, %s, %s", requests, completed, queue)
          .isLessThan(DEADLINE.toNanos());
      int _ = queue.poll((tag, status) -> completed.add(tag + ":" + status));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?hdgst=yes&ddgst=yes", "?queues=2&depth=32&kato=1s"})
  void whatIsWrittenIsReadBack(String options) {
    try (NvmeController controller = open(options);
        IoQueue queue = controller.createIoQueue(32)) {
      Namespace namespace = controller.namespace(1);
      assertThat(namespace.bytes()).isEqualTo((long) KernelTarget.MIB << 20);
      DmaMemory memory = controller.dma().allocate(8L * MIB);
      Random random = new Random(options.length());
      for (long i = 0; i < 4 * MIB; i += Long.BYTES) {
        OffHeap.putLong(memory.address() + i, random.nextLong());
      }
      int shift = namespace.blockShift();
      int[] sizes = {4096, 16384, 128 << 10, MIB, 4 * MIB};
      int tag = 0;
      for (int bytes : sizes) {
        completed.clear();
        assertThat(queue.write(namespace, 8, bytes >> shift, memory, 0, tag++)).isTrue();
        pollFor(queue, 1);
        assertThat(queue.flush(namespace, tag++)).isTrue();
        assertThat(queue.read(namespace, 8, bytes >> shift, memory, 4L * MIB, tag++)).isTrue();
        pollFor(queue, 3);
        assertThat(completed).allMatch(line -> line.endsWith(":0"));
        assertThat(OffHeap.isEqual(memory.address(), memory.address() + 4L * MIB, bytes)).isTrue();
      }
    }
    assertThat(notices).isEmpty();
    assertThat(target.complaints()).isEmpty();
  }

  @Test
  void manyCommandsAtOnce() {
    try (NvmeController controller = open("");
        IoQueue queue = controller.createIoQueue(64)) {
      Namespace namespace = controller.namespace(1);
      DmaMemory memory = controller.dma().allocate(64L * 8192);
      int blocks = 8192 >> namespace.blockShift();
      for (int i = 0; i < 64; i++) {
        OffHeap.putLong(memory.address() + i * 8192L, i + 1L);
        assertThat(queue.write(namespace, (long) i * blocks, blocks, memory, i * 8192L, i))
            .isTrue();
      }
      pollFor(queue, 64);
      completed.clear();
      memory.segment().fill((byte) 0);
      for (int i = 0; i < 64; i++) {
        assertThat(queue.read(namespace, (long) i * blocks, blocks, memory, i * 8192L, i)).isTrue();
      }
      pollFor(queue, 64);
      for (int i = 0; i < 64; i++) {
        assertThat(OffHeap.getLong(memory.address() + i * 8192L)).isEqualTo(i + 1L);
      }
      assertThat(completed).allMatch(line -> line.endsWith(":0"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?hdgst=yes&ddgst=yes"})
  void aStreamIsRecordedAndPlayedBack(String options) {
    long size = (20 << 20) + 12_345;
    String stream = "generator:seed=5,rate=10MB/s,size=" + size;
    try (Volume volume =
        Volume.create(NvmeDrive.of(open(options)), VolumeOptions.standard().withForce(true))) {
      try (RecordingSession session =
          RecordingSession.open(
              volume,
              RecordingOptions.named("a"),
              () -> Sources.open(stream, SourceOptions.defaults()))) {
        assertThat(session.run().reason()).isEqualTo(EndReason.STREAM_ENDED);
      }
      Recording recording = volume.recording("a");
      assertThat(recording.lostBytes()).isZero();
      VerifySink sink = new VerifySink(new Pattern(5), 0);
      try (RecordingReader reader = recording.read(8)) {
        Player player = new Player(reader, sink, Player.Gaps.TELL);
        while (!player.hasEnded()) {
          int _ = player.doWork();
        }
      }
      assertThat(sink.mismatch()).as("the first wrong byte").isEqualTo(-1);
      assertThat(sink.verifiedBytes()).isEqualTo(size);
    }
    assertThat(target.complaints()).isEmpty();
  }

  @Test
  void aTargetThatIsStoppedAndStartedIsReachedAgain() {
    try (NvmeController controller = open("?kato=1s");
        IoQueue queue = controller.createIoQueue(4)) {
      Namespace namespace = controller.namespace(1);
      assertThat(queue.flush(namespace, 1)).isTrue();
      pollFor(queue, 1);
      target.stop();
      assertThat(queue.flush(namespace, 2)).isTrue();
      target.listen();
      pollFor(queue, 2);
      assertThat(completed).containsExactly("1:0", "2:" + StatusCode.ABORTED_BY_HOST.status());
      assertThat(queue.flush(namespace, 3)).isTrue();
      pollFor(queue, 3);
      assertThat(completed).endsWith("3:0");
    }
  }

  @Test
  void aWrongNameIsRefused() {
    assertThatThrownBy(
            () -> Drives.open("tcp://127.0.0.1:" + target.port() + "/nqn.2024-01.org.sluice:none"))
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining("it has none of that name");
  }

  @Test
  void itsDiscoveryServiceTellsOfTheSubsystem() {
    Discovery.Log log = Discovery.ask("127.0.0.1:" + target.port(), Map.of());
    assertThat(log.entries())
        .anySatisfy(entry -> {
          assertThat(entry.subsystem()).isEqualTo(KernelTarget.NQN);
          assertThat(entry.transport()).isEqualTo(DiscoveryEntry.TCP);
          assertThat(entry.addressFamily()).isEqualTo(DiscoveryEntry.IPV4);
          assertThat(entry.service()).isEqualTo("4420");
          assertThat(entry.subtype()).isEqualTo(DiscoveryEntry.SUBSYSTEM);
        });
  }
}
