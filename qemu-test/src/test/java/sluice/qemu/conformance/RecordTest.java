package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.nvme.NvmeController;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveQueue;
import sluice.nvme.drive.NvmeDrive;
import sluice.qemu.BlockIo;
import sluice.recorder.CheckReport;
import sluice.recorder.Player;
import sluice.recorder.Recorder;
import sluice.recorder.Recording;
import sluice.recorder.RecordingOptions;
import sluice.recorder.RecordingReader;
import sluice.recorder.Volume;
import sluice.recorder.VolumeOptions;
import sluice.recorder.format.EndReason;
import sluice.recorder.format.RecordingState;
import sluice.recorder.sink.VerifySink;
import sluice.recorder.source.Source;
import sluice.recorder.source.SourceOptions;
import sluice.recorder.source.Sources;
import sluice.recorder.stream.Pattern;
import sluice.recorder.write.WriterResult;
import sluice.support.agent.IdleStrategy;
import sluice.support.text.Units;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;

/** The recorder on the rig's drive: a layout, a stream, an orderly end, and every byte back. */
class RecordTest extends ConformanceTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final long SEED = 7;

  private NvmeController controller;

  private Volume create(TestDrive drive) {
    controller = open(drive);
    return Volume.create(
        new KeptDrive(NvmeDrive.of(controller)), VolumeOptions.standard().withForce(true));
  }

  /** A volume is read anew from the drive, as after a restart of the program. */
  private Volume reopen() {
    return Volume.open(new KeptDrive(NvmeDrive.of(controller)));
  }

  /** Moves source and recorder on this thread, turn by turn, until the recording has ended. */
  private static WriterResult record(Recorder recorder, Source source, Runnable everyTurn) {
    Deadline deadline = new Deadline("the end of the recording");
    source.attach(recorder.ring());
    try (recorder;
        source) {
      while (!recorder.hasEnded()) {
        source.doWork();
        try {
          int _ = recorder.agent().doWork();
        } catch (Exception e) {
          throw new AssertionError(e);
        }
        everyTurn.run();
        deadline.check();
      }
      return recorder.await(TIMEOUT);
    }
  }

  private static Source generator(String options) {
    return Sources.open("generator:seed=" + SEED + "," + options, SourceOptions.defaults());
  }

  private static void assertPlays(Volume volume, String name, long size, long lost) {
    Recording recording = volume.recording(name);
    assertThat(recording.state()).isEqualTo(RecordingState.CLOSED);
    assertThat(recording.streamBytes()).isEqualTo(size);
    assertThat(recording.lostBytes()).isEqualTo(lost);
    Deadline deadline = new Deadline("the end of the playback");
    VerifySink sink = new VerifySink(new Pattern(SEED), 0);
    try (RecordingReader reader = recording.read(8)) {
      Player player = new Player(reader, sink, Player.Gaps.TELL);
      while (!player.hasEnded()) {
        int _ = player.doWork();
        deadline.check();
      }
    }
    assertThat(sink.mismatch()).as("the first wrong byte of " + name).isEqualTo(-1);
    assertThat(sink.verifiedBytes()).isEqualTo(size - lost);
    assertThat(sink.missingBytes()).isEqualTo(lost);
  }

  private static void assertIntact(Volume volume) {
    CheckReport report = volume.check(true);
    assertThat(report.findings()).isEmpty();
    assertThat(report.hasDamage()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "BLOCKS_OF_512, 128K",
    "BLOCKS_OF_4096, 128K",
    "BLOCKS_OF_512, 1M",
    "SMALL_TRANSFERS, 16K",
    "SMALL_TRANSFERS, 64K",
  })
  void aStreamIsRecordedCheckedAndPlayed(TestDrive drive, String slot) {
    int slotBytes = Math.toIntExact(Units.parseSize(slot));
    long size = (20 << 20) + 12_345;
    RecordingOptions options =
        RecordingOptions.named("stream").withSlots(slotBytes, (8 << 20) / slotBytes);
    try (Volume volume = create(drive)) {
      WriterResult result = record(volume.record(options), generator("size=" + size), () -> {});
      assertThat(result.reason()).as(result.failure()).isEqualTo(EndReason.STREAM_ENDED);
      assertThat(result.durableBytes()).isEqualTo(size);
      assertIntact(volume);
      assertPlays(volume, "stream", size, 0);
    }
    try (Volume volume = reopen()) {
      assertThat(volume.findings()).isEmpty();
      assertIntact(volume);
      assertPlays(volume, "stream", size, 0);
    }
  }

  @Test
  void aStreamThatCannotBeHeldBackOnThreadsOfItsOwn() throws Exception {
    long size = 12 << 20;
    try (Volume volume = create(TestDrive.BLOCKS_OF_512)) {
      WriterResult result;
      try (Recorder recorder =
              volume.record(RecordingOptions.named("live").withSlots(128 << 10, 64));
          Source source = generator("rate=40MB/s,size=" + size)) {
        source.attach(recorder.ring());
        recorder.start(IdleStrategy.backingOff());
        Deadline deadline = new Deadline("the end of the source");
        IdleStrategy idle = IdleStrategy.backingOff();
        while (!source.hasEnded()) {
          idle.idle(source.doWork());
          deadline.check();
        }
        result = recorder.await(TIMEOUT);
      }
      assertThat(result).isNotNull();
      // On a machine that is busy something may be lost, but then it is counted.
      assertPlays(volume, "live", size, result.totals().lostBytes());
      assertIntact(volume);
    }
  }

  @Test
  void aResetInTheMiddleLosesNothing() {
    long size = 16 << 20;
    long[] nextReset = {2 << 20};
    try (Volume volume = create(TestDrive.BLOCKS_OF_512)) {
      Recorder recorder = volume.record(RecordingOptions.named("reset").withSlots(64 << 10, 64));
      WriterResult result =
          record(
              recorder,
              generator("size=" + size),
              () -> {
                if (recorder.status().writtenBytes() >= nextReset[0]) {
                  controller.reset();
                  nextReset[0] += 3 << 20;
                }
              });
      assertThat(result.reason()).as(result.failure()).isEqualTo(EndReason.STREAM_ENDED);
      assertThat(nextReset[0]).as("there were resets").isGreaterThan(size);
      assertIntact(volume);
      assertPlays(volume, "reset", size, 0);
    }
  }

  @Test
  void severalRecordingsAreKeptApart() {
    try (Volume volume = create(TestDrive.BLOCKS_OF_4096)) {
      for (int i = 1; i <= 4; i++) {
        WriterResult result =
            record(
                volume.record(RecordingOptions.named("part " + i).withSlots(64 << 10, 32)),
                generator("size=" + i * 1_000_001L),
                () -> {});
        assertThat(result.reason()).as(result.failure()).isEqualTo(EndReason.STREAM_ENDED);
      }
    }
    try (Volume volume = reopen()) {
      assertThat(volume.recordings()).hasSize(4);
      for (int i = 1; i <= 4; i++) {
        assertPlays(volume, "part " + i, i * 1_000_001L, 0);
      }
    }
  }

  @Test
  void aPlainRangeOfTheDriveHoldsTheStream() {
    controller = open(TestDrive.BLOCKS_OF_512);
    long size = (4 << 20) + 4096;
    long start = 1 << 20;
    Recorder recorder =
        Recorder.raw(
            NvmeDrive.of(controller),
            start,
            32 << 20,
            RecordingOptions.named("").withSlots(128 << 10, 16));
    WriterResult result = record(recorder, generator("size=" + size), () -> {});
    assertThat(result.failure()).isEmpty();
    assertThat(recorder.status().lastAddress()).isEqualTo(start + size);
    BlockIo io = blockIo(controller, 1);
    DmaMemory memory = controller.dma().allocate(size);
    io.read(start, memory, 0, size);
    assertThat(new Pattern(SEED).verify(memory.address(), size, 0)).isEqualTo(-1);
  }

  /** A drive that outlives its volume, so that another volume can read what is on it. */
  private record KeptDrive(Drive drive) implements Drive {
    @Override
    public String name() {
      return drive.name();
    }

    @Override
    public long bytes() {
      return drive.bytes();
    }

    @Override
    public int blockSize() {
      return drive.blockSize();
    }

    @Override
    public DmaSpace dma() {
      return drive.dma();
    }

    @Override
    public int maxQueueDepth() {
      return drive.maxQueueDepth();
    }

    @Override
    public DriveQueue openQueue(int depth) {
      return drive.openQueue(depth);
    }

    @Override
    public void close() {}
  }
}
