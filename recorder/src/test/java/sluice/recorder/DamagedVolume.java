package sluice.recorder;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import sluice.recorder.format.FormatException;
import sluice.recorder.format.Superblock;
import sluice.recorder.volume.Finding;
import sluice.recorder.write.FlushPolicy;

/** A volume with two recordings, to be damaged. */
abstract class DamagedVolume {
  static final int BLOCK = 4096;
  static final int SLOT = 16384;
  static final long SEED = 11;
  static final long BYTES = 1_500_000;

  final MemoryDrive drive = MemoryDrive.of(8 << 20);
  Superblock layout;

  @BeforeEach
  void record() {
    Volume volume = Volume.create(drive, VolumeOptions.standard().withCatalogueEntries(4));
    layout = volume.layout();
    for (String name : List.of("a", "b")) {
      try (Recorder recorder = volume.record(options(name))) {
        TestStream stream = new TestStream(recorder.ring(), SEED);
        stream.commitUpTo(BYTES / 2, recorder.agent());
        stream.lose(1000);
        stream.commitUpTo(BYTES, recorder.agent());
        recorder.ring().end();
        TestStream.run(recorder);
        assertThat(recorder.await(Duration.ofSeconds(1)).closed()).isTrue();
      }
    }
    volume.close();
  }

  static RecordingOptions options(String name) {
    RecordingOptions options = RecordingOptions.named(name).withSlots(SLOT, 8);
    return options.withWriter(options.writer().withFlush(FlushPolicy.every(200_000)));
  }

  /** Leaves a recording open, as a crash does, with all of it durable. */
  void crash() {
    Volume volume = Volume.open(drive);
    RecordingOptions options = options("open");
    FlushPolicy always = FlushPolicy.every(1);
    Recorder recorder = volume.record(options.withWriter(options.writer().withFlush(always)));
    TestStream stream = new TestStream(recorder.ring(), SEED);
    stream.commitUpTo(BYTES, recorder.agent());
    for (int i = 0; i < 20; i++) {
      recorder.agent().doWork();
    }
    assertThat(recorder.status().durableBytes()).isEqualTo(BYTES);
  }

  void flip(long address) {
    MemorySegment medium = drive.medium();
    medium.set(JAVA_BYTE, address, (byte) (medium.get(JAVA_BYTE, address) ^ 0x10));
  }

  /** Every use of a volume on which something is damaged, but a repair. */
  List<Finding> findings() {
    byte[] before = drive.medium().toArray(JAVA_BYTE);
    Volume volume = Volume.open(drive);
    CheckReport report = volume.check(true);
    assertThat(report.hasDamage()).isTrue();
    assertThat(drive.medium().mismatch(MemorySegment.ofArray(before))).as("written").isEqualTo(-1);
    report.findings().forEach(f -> assertThat(f.toString()).doesNotContain("\n"));
    return report.findings();
  }

  void requireRefusal(String message) {
    byte[] before = drive.medium().toArray(JAVA_BYTE);
    assertThatThrownBy(() -> Volume.open(drive).record(options("new")))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(
            "memory is damaged, and nothing is written to it until it is repaired")
        .hasMessageContaining(message);
    assertThat(drive.medium().mismatch(MemorySegment.ofArray(before))).as("written").isEqualTo(-1);
  }

  void repair() {
    CheckReport repaired = Volume.open(drive).repair();
    assertThat(repaired.findings()).isEmpty();
    Volume volume = Volume.open(drive);
    assertThat(volume.findings()).isEmpty();
    assertThat(TestStream.verifyAll(volume.recording("a"), SEED)).isEqualTo(BYTES - 1000);
    assertThat(TestStream.verifyAll(volume.recording("b"), SEED)).isEqualTo(BYTES - 1000);
  }
}
