package sluice.recorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.ControllerOptions;
import sluice.nvme.NvmeException;
import sluice.nvme.drive.NvmeDrive;
import sluice.nvme.pcie.PcieTransport;
import sluice.recorder.format.EndReason;
import sluice.recorder.format.FormatException;
import sluice.recorder.format.RecordingState;
import sluice.recorder.write.FlushPolicy;
import sluice.recorder.write.WriterResult;
import sluice.support.agent.IdleStrategy;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.media.Backend;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.media.VolatileCache;
import sluice.virtual.pci.VirtualDrive;
import sluice.virtual.pci.VirtualFunction;
import sluice.virtual.personality.Personality;

/** The recorder on the real driver, on a virtual drive. */
class DriverTest {
  private static final long SEED = 5;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lba=512&thread=shared",
        "lba=4096&thread=own",
        "lba=512&thread=own&mdts=0&shadow=no",
        "lba=4096&thread=shared&mqes=8&mdts=1",
        "lba=4096&thread=shared&mqes=2",
        "lba=512&thread=shared&mqes=3"
      })
  void givesBackWhatWasRecorded(String options) {
    String address = "virtual:" + folder.resolve("d.img") + "?size=64M&" + options;
    long bytes = 20_000_001;
    long start;
    try (Volume volume = Volume.create(NvmeDrive.open(address), VolumeOptions.standard())) {
      try (Recorder recorder =
          volume.record(RecordingOptions.named("a").withSlots(128 << 10, 16))) {
        recorder.start(IdleStrategy.backingOff());
        produce(recorder, bytes);
        WriterResult result = recorder.await(Duration.ofMinutes(2));
        assertThat(result.closed()).isTrue();
        assertThat(result.totals().streamBytes()).isEqualTo(bytes);
        assertThat(recorder.latencies().getTotalCount()).isEqualTo(result.totals().chunks());
        assertThat(result.pauses().latencies().total()).isEqualTo(result.totals().chunks());
      }
      start = volume.recording("a").extents().getFirst().address();
    }
    // The same image through a drive of the other block size.
    String other = options.contains("lba=512") ? "4096" : "512";
    try (Volume volume = Volume.open("virtual:" + folder.resolve("d.img") + "?lba=" + other)) {
      assertThat(volume.check(true).findings()).isEmpty();
      assertThat(volume.recording("a").extents().getFirst().address()).isEqualTo(start);
      assertThat(TestStream.verifyAll(volume.recording("a"), SEED)).isEqualTo(bytes);
    }
  }

  /** Commits from this thread while the writer works on its own. */
  private static void produce(Recorder recorder, long bytes) {
    TestStream stream = new TestStream(recorder.ring(), SEED);
    IdleStrategy idle = IdleStrategy.backingOff();
    while (stream.offset() < bytes && !recorder.hasEnded()) {
      long left = bytes - stream.offset();
      idle.idle(stream.commit((int) Math.min(recorder.ring().slotBytes(), left)) ? 1 : 0);
    }
    recorder.ring().end();
  }

  @Test
  void refusesDrivesThatCannotBeUsed() {
    assertThatThrownBy(() -> NvmeDrive.open("nothing:x"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesADriveThatKeepsNothing() {
    NvmeDrive drive = NvmeDrive.open("virtual:null?size=1G");
    assertThatThrownBy(() -> Volume.create(drive, VolumeOptions.standard()))
        .isInstanceOf(FormatException.class)
        .hasMessage("virtual:null?size=1G does not keep what is written to it");
  }

  @Test
  void opensByAddress() {
    String address = "virtual:" + folder.resolve("d.img") + "?size=8M";
    Volume.create(NvmeDrive.open(address), VolumeOptions.standard()).close();
    try (Volume volume = Volume.open("virtual:" + folder.resolve("d.img"))) {
      assertThat(volume.recordings()).isEmpty();
      assertThat(volume.drive().name()).startsWith("virtual:");
    }
  }

  /** A place that cannot be written costs that place, and nothing of the stream. */
  @Test
  void stepsOverWhatTheDriveCannotWrite() {
    // The data region of a drive of 64 MiB begins at 2176 KiB: block 5958 is in its 51st slot.
    String address = "virtual:memory?size=64M&thread=shared&error=lba:5958:write-fault";
    long bytes = 200 * 16384L;
    try (Volume volume = Volume.create(NvmeDrive.open(address), VolumeOptions.standard())) {
      assertThat(volume.layout().dataAddress()).isEqualTo(2176 << 10);
      try (Recorder recorder = volume.record(RecordingOptions.named("a").withSlots(16384, 16))) {
        new TestStream(recorder.ring(), SEED).commitUpTo(bytes, recorder.agent());
        recorder.ring().end();
        TestStream.run(recorder);
        WriterResult result = recorder.await(Duration.ofSeconds(1));
        assertThat(result.reason()).isEqualTo(EndReason.STREAM_ENDED);
        assertThat(result.totals().recordedBytes()).isEqualTo(bytes);
      }
      assertThat(volume.check(true).hasDamage()).isFalse();
      assertThat(volume.recording("a").entry().dataBytes()).isEqualTo(bytes + 16384);
      assertThat(TestStream.verifyAll(volume.recording("a"), SEED)).isEqualTo(bytes);
    }
  }

  /** A part of the index that the drive cannot read: what lies before it is there. */
  @Test
  void readsUpToWhereTheDriveCannotReadTheIndex() {
    String address = "virtual:" + folder.resolve("d.img") + "?size=64M&thread=shared";
    int chunks = 1100;
    long index;
    try (Volume volume = Volume.create(NvmeDrive.open(address), VolumeOptions.standard())) {
      RecordingOptions options = RecordingOptions.named("a").withSlots(4096, 16);
      options = options.withWriter(options.writer().withFlush(FlushPolicy.atEnd()));
      try (Recorder recorder = volume.record(options)) {
        TestStream stream = new TestStream(recorder.ring(), SEED);
        stream.commitUpTo(chunks * 4096L, recorder.agent());
        recorder.ring().end();
        TestStream.run(recorder);
        recorder.agent().close();
      }
      index = volume.recording("a").entry().indexAddress();
    }
    // The index is read 1024 entries at a time.
    long bad = (index + 1024 * 64) / 512;
    try (Volume volume = Volume.open(address + "&error=lba:" + bad + ":unrecovered-read");
        RecordingReader reader = volume.recording("a").read(16)) {
      for (int i = 0; i < 1024; i++) {
        assertThat(reader.next()).as("chunk %d", i).isEqualTo(RecordingReader.Range.DATA);
      }
      assertThatThrownBy(reader::next)
          .isInstanceOf(NvmeException.class)
          .hasMessageContaining("the index of recording 'a' cannot be read");
    }
  }

  /** The drive's power goes at random instants; the driver, the queues and the PRPs are real. */
  @Test
  void losesNothingThatWasReportedWhenThePowerIsCut() {
    for (long seed = 0; seed < Integer.getInteger("sluice.powercuts", 30); seed++) {
      try {
        cutPower(seed);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }

  private static void cutPower(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int block = random.nextBoolean() ? 512 : 4096;
    Backend media = new MemoryBackend(4 << 20);
    VirtualDrive drive =
        new VirtualDrive(
            new DriveSettings().blockBytes(block),
            Personality.PLAIN,
            new VolatileCache(media, block),
            System::nanoTime);
    Volume volume = Volume.create(open(drive), VolumeOptions.standard());
    RecordingOptions options =
        RecordingOptions.named("a").withSlots(4096 * random.nextInt(1, 17), 16);
    FlushPolicy flush =
        new FlushPolicy(random.nextLong(1, 300_000), Long.MAX_VALUE, random.nextInt(4) == 0);
    Recorder recorder = volume.record(options.withWriter(options.writer().withFlush(flush)));
    TestStream stream = new TestStream(recorder.ring(), seed);
    for (int turns = random.nextInt(200); turns > 0; turns--) {
      stream.commit(TestStream.randomLength(recorder.ring(), random));
      recorder.agent().doWork();
    }
    long durable = recorder.status().durableBytes();
    drive.cutPower(seed);
    // Who has nothing to write would not notice.
    stream.commit(1);
    TestStream.run(recorder);
    WriterResult result = recorder.await(Duration.ofSeconds(1));
    assertThat(result.closed()).isFalse();
    assertThat(result.failure()).contains("is gone");
    assertThat(result.durableBytes()).isEqualTo(durable);
    recorder.agent().close();
    recorder.close();
    volume.close();

    VirtualDrive anew =
        new VirtualDrive(
            new DriveSettings().blockBytes(block), Personality.PLAIN, media, System::nanoTime);
    try (Volume after = Volume.open(open(anew))) {
      assertThat(after.check(true).hasDamage()).isFalse();
      Recording recording = after.recording("a");
      assertThat(recording.state()).isIn(RecordingState.RECOVERED, RecordingState.CLOSED);
      assertThat(recording.streamBytes()).isBetween(durable, stream.offset());
      assertThat(TestStream.verifyAll(recording, seed)).isEqualTo(recording.streamBytes());
    }
  }

  private static NvmeDrive open(VirtualDrive drive) {
    VirtualFunction function = new VirtualFunction("virtual", drive, null);
    return NvmeDrive.of(PcieTransport.open(function, ControllerOptions.defaults()));
  }
}
