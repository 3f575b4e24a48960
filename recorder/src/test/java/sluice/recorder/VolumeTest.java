package sluice.recorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import sluice.recorder.CheckReport.CheckedRecording;
import sluice.recorder.format.EndReason;
import sluice.recorder.format.FormatException;
import sluice.recorder.format.RecordingState;
import sluice.recorder.stream.Pattern;
import sluice.recorder.write.FlushPolicy;
import sluice.recorder.write.WriterOptions;
import sluice.recorder.write.WriterResult;

class VolumeTest {
  private static final int SLOT = 16384;
  private static final long SEED = 42;

  private final MemoryDrive drive = MemoryDrive.of(16 << 20);
  private final Volume volume = Volume.create(drive, VolumeOptions.standard());

  private static RecordingOptions options(String name) {
    return RecordingOptions.named(name).withSlots(SLOT, 8);
  }

  private WriterResult record(String name, long bytes) {
    try (Recorder recorder = volume.record(options(name))) {
      TestStream stream = new TestStream(recorder.ring(), SEED);
      stream.commitUpTo(bytes, recorder.agent());
      recorder.ring().end();
      TestStream.run(recorder);
      recorder.agent().close();
      return recorder.await(Duration.ofSeconds(1));
    }
  }

  @Test
  void givesBackWhatWasRecorded() {
    WriterResult result = record("a", 1_000_000);
    assertThat(result.reason()).isEqualTo(EndReason.STREAM_ENDED);
    assertThat(result.closed()).isTrue();
    assertThat(result.durableBytes()).isEqualTo(1_000_000);

    Volume reopened = Volume.open(drive);
    assertThat(reopened.findings()).isEmpty();
    Recording recording = reopened.recording("a");
    assertThat(recording.state()).isEqualTo(RecordingState.CLOSED);
    assertThat(recording.streamBytes()).isEqualTo(1_000_000);
    assertThat(recording.gaps()).isZero();
    assertThat(TestStream.verifyAll(recording, SEED)).isEqualTo(1_000_000);

    long address = drive.medium().address() + recording.extents().getFirst().address();
    assertThat(new Pattern(SEED).verify(address, 1_000_000, 0)).as("a plain read").isEqualTo(-1);
  }

  @Test
  void certifiesThatThereIsNoGap() {
    record("a", 1_000_000);
    CheckReport report = Volume.open(drive).check(true);
    assertThat(report.findings()).isEmpty();
    assertThat(report.recordings()).hasSize(1);
    CheckedRecording checked = report.recordings().getFirst();
    assertThat(checked.isRecovered()).isFalse();
    Certificate certificate = checked.certificate();
    assertThat(certificate.isGapless()).isTrue();
    assertThat(certificate.totals().chunks()).isEqualTo(62);
    assertThat(certificate.chain()).isEqualTo(checked.entry().chain());
    assertThat(Volume.open(drive).check(false).recordings().getFirst().certificate().isGapless())
        .as("without its data it is not proved")
        .isFalse();
  }

  @Test
  void keepsRecordingsApart() {
    for (int i = 0; i < 5; i++) {
      record("r" + i, 100_000L * (i + 1));
    }
    Volume reopened = Volume.open(drive);
    List<Recording> recordings = reopened.recordings();
    assertThat(recordings)
        .extracting(Recording::name)
        .containsExactly("r0", "r1", "r2", "r3", "r4");
    for (int i = 0; i < 5; i++) {
      assertThat(TestStream.verifyAll(recordings.get(i), SEED)).isEqualTo(100_000L * (i + 1));
      assertThat(reopened.recording(Integer.toString(i)).name()).isEqualTo("r" + i);
      assertThat(reopened.recording(recordings.get(i).uuid().toString()).number()).isEqualTo(i);
    }
    assertThat(reopened.check(true).findings()).isEmpty();
  }

  @Test
  void keepsWhatTheProducerWantsToBeKnown() {
    RecordingOptions options =
        options("a").withSource("generator:").withHeader(Map.of("rate", "1000", "format", "i16"));
    try (Recorder recorder = volume.record(options)) {
      recorder.ring().end();
      TestStream.run(recorder);
      recorder.agent().close();
    }
    Recording recording = Volume.open(drive).recording("a");
    assertThat(recording.source()).isEqualTo("generator:");
    assertThat(recording.header()).isEqualTo(Map.of("rate", "1000", "format", "i16"));
    assertThat(recording.streamBytes()).isZero();
    assertThat(recording.extents()).isEmpty();
    assertThat(recording.openedNanos()).isPositive();
    assertThat(recording.closedNanos()).isGreaterThanOrEqualTo(recording.openedNanos());
    assertThat(TestStream.verifyAll(recording, SEED)).isZero();
  }

  @Test
  void recordsGapsInTheirPlace() {
    try (Recorder recorder = volume.record(options("a"))) {
      TestStream stream = new TestStream(recorder.ring(), SEED);
      stream.lose(7);
      stream.commitUpTo(100_000, recorder.agent());
      stream.lose(5_000);
      stream.commitUpTo(200_000, recorder.agent());
      stream.lose(9);
      recorder.ring().end();
      TestStream.run(recorder);
      recorder.agent().close();
    }
    Recording recording = Volume.open(drive).recording("a");
    assertThat(recording.gaps()).isEqualTo(3);
    assertThat(recording.lostBytes()).isEqualTo(5_016);
    assertThat(recording.streamBytes()).isEqualTo(200_009);
    assertThat(recording.recordedBytes()).isEqualTo(200_009 - 5_016);
    assertThat(TestStream.verifyAll(recording, SEED)).isEqualTo(200_009 - 5_016);
    CheckReport report = Volume.open(drive).check(true);
    assertThat(report.hasDamage()).isFalse();
    assertThat(report.recordings().getFirst().certificate().isGapless()).isFalse();
    assertThat(report.recordings().getFirst().certificate().isIntact()).isTrue();
  }

  @Test
  void refusesTheNameOfAnotherRecording() {
    record("a", 1);
    drive.refuseWrites();
    assertThatThrownBy(() -> volume.record(options("a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("memory has a recording 'a' already; choose another name");
  }

  @Test
  void makesUpANameThatNoRecordingHas() {
    record("recording-1", 1);
    record("recording-2", 1);
    record("", 1);
    record("", 1);
    assertThat(volume.recordings())
        .extracting(Recording::name)
        .containsExactly("recording-1", "recording-2", "recording-3", "recording-4");
    record("recording-5", 1);
    record("", 1);
    assertThat(volume.recordings().getLast().name()).isEqualTo("recording-6");
  }

  /** Each turn of the writer may be the one between two looks at the index. */
  @Test
  void aRecordingIsReadAtAnyTimeWhileItIsWritten() {
    RecordingOptions options = options("a");
    WriterOptions writer = options.writer().withFlush(FlushPolicy.every(100_000));
    try (Recorder recorder = volume.record(options.withWriter(writer))) {
      TestStream stream = new TestStream(recorder.ring(), SEED);
      long last = 0;
      for (int bytes = 50_000; bytes <= 2_000_000; bytes += 50_000) {
        stream.commitUpTo(bytes, recorder.agent());
        for (int turn = 0; turn < 3; turn++) {
          int _ = recorder.agent().doWork();
          long now = TestStream.verifyAll(volume.recording("a"), SEED);
          assertThat(now).isBetween(last, (long) bytes);
          last = now;
        }
      }
      assertThat(last).isPositive();
      recorder.ring().end();
      TestStream.run(recorder);
      recorder.agent().close();
    }
  }

  @Test
  void doesNotTouchARecordingThatIsUnderWay() {
    try (Recorder recorder = volume.record(options("a"))) {
      assertThatThrownBy(() -> volume.record(options("b")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("a recording is under way; end it first");
      assertThatThrownBy(() -> volume.check(true)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(volume::repair).isInstanceOf(IllegalStateException.class);
      recorder.agent().close();
    }
    assertThat(volume.recover()).as("it was not ended").isEqualTo(1);
    record("b", 1000);
  }

  @Test
  void refusesARingThatCannotBe() {
    assertThatThrownBy(() -> options("a").withSlots(5000, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("a slot is a multiple of 4096 bytes");
  }

  @Test
  void saysWhatThereIsInstead() {
    assertThatThrownBy(() -> volume.recording("x"))
        .hasMessage("memory has no recording 'x'; it has none");
    record("a", 1);
    record("b", 1);
    assertThatThrownBy(() -> volume.recording("x"))
        .hasMessage("memory has no recording 'x'; it has a, b");
  }

  @Test
  void refusesADriveWithoutLayout() {
    assertThatThrownBy(() -> Volume.open(MemoryDrive.of(16 << 20)))
        .isInstanceOf(FormatException.class)
        .hasMessage("memory holds no layout of a recorder; make one first");
  }

  @Test
  void refusesToMakeALayoutOverAnother() {
    drive.refuseWrites();
    assertThatThrownBy(() -> Volume.create(drive, VolumeOptions.standard()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("memory holds a layout of this recorder; force it if that may be lost");
  }

  @Test
  void makesALayoutOverAnotherWhenForced() {
    record("a", 1000);
    Volume anew = Volume.create(drive, VolumeOptions.standard().withForce(true));
    assertThat(anew.recordings()).isEmpty();
    assertThat(anew.uuid()).isNotEqualTo(volume.uuid());
    assertThat(anew.check(true).findings()).isEmpty();
  }

  @Test
  void refusesADriveThatIsTooSmall() {
    MemoryDrive small = MemoryDrive.of(1 << 20);
    small.refuseWrites();
    assertThatThrownBy(() -> Volume.create(small, VolumeOptions.standard()))
        .hasMessage("the drive has 1048576 bytes, and this layout needs 1380352 at least");
  }

  @Test
  void isFullWhenTheCatalogueIs() {
    MemoryDrive small = MemoryDrive.of(4 << 20);
    Volume two = Volume.create(small, VolumeOptions.standard().withCatalogueEntries(2));
    for (int i = 0; i < 2; i++) {
      try (Recorder recorder = two.record(options("r" + i))) {
        recorder.ring().end();
        TestStream.run(recorder);
        recorder.agent().close();
      }
    }
    small.refuseWrites();
    assertThatThrownBy(() -> two.record(options("c")))
        .hasMessage("memory is full: its catalogue has room for 2 recordings");
  }

  @Test
  void keepsWhatFitsWhenTheDataRegionIsFull() {
    long room = volume.freeBytes();
    try (Recorder recorder = volume.record(options("a").withSlots(2 * SLOT, 8))) {
      TestStream stream = new TestStream(recorder.ring(), SEED);
      while (!recorder.ring().isStopped()) {
        stream.commit(2 * SLOT - 4096);
        recorder.agent().doWork();
      }
      while (stream.commit(SLOT)) {}
      stream.lose(77);
      recorder.ring().end();
      TestStream.run(recorder);
      recorder.agent().close();
      WriterResult result = recorder.await(Duration.ofSeconds(1));
      assertThat(result.reason()).isEqualTo(EndReason.DATA_FULL);
      assertThat(result.totals().recordedBytes()).isEqualTo(room);
      assertThat(result.totals().streamBytes()).isEqualTo(stream.offset());
      assertThat(result.totals().lostBytes()).isEqualTo(stream.offset() - room);
      assertThat(result.totals().gaps()).isEqualTo(1);
    }
    assertThat(volume.freeBytes()).isZero();
    assertThat(TestStream.verifyAll(volume.recording("a"), SEED)).isEqualTo(room);
    assertThat(Volume.open(drive).check(true).hasDamage()).isFalse();
    drive.refuseWrites();
    assertThatThrownBy(() -> volume.record(options("b")))
        .hasMessage("memory is full: its data region has nothing free");
  }

  @Test
  void endsInOrderWhenTheIndexRegionIsFull() {
    Volume tight =
        Volume.create(drive, VolumeOptions.standard().withForce(true).withIndexBytes(4096));
    try (Recorder recorder = tight.record(options("a"))) {
      TestStream stream = new TestStream(recorder.ring(), SEED);
      while (!recorder.ring().isStopped()) {
        stream.commit(4096);
        recorder.agent().doWork();
      }
      recorder.ring().end();
      TestStream.run(recorder);
      recorder.agent().close();
      WriterResult result = recorder.await(Duration.ofSeconds(1));
      assertThat(result.reason()).isEqualTo(EndReason.INDEX_FULL);
      assertThat(result.totals().streamBytes()).isEqualTo(stream.offset());
      assertThat(result.totals().chunks()).isGreaterThan(20);
      assertThat(result.indexEntries()).isLessThanOrEqualTo(64);
    }
    assertThat(Volume.open(drive).check(true).hasDamage()).isFalse();
  }

  @Test
  void theMiddleOfALongSourceIsCutOut() {
    RecordingOptions options = options("a").withSource("file:/" + "é".repeat(200) + "/end");
    assertThat(options.source()).startsWith("file:/é").contains("é…é").endsWith("é/end");
    assertThat(options.source().getBytes(StandardCharsets.UTF_8)).hasSizeBetween(250, 255);
    String fits = "x".repeat(255);
    assertThat(options.withSource(fits).source()).isEqualTo(fits);
  }

  @Test
  void aSourceThatCannotBeOpenedWhenTheRingIsThereLeavesNoRecording() {
    assertThatThrownBy(() ->
            volume.record(
                options("a"),
                () -> {
                  throw new IllegalArgumentException("no such source");
                }))
        .hasMessage("no such source");
    assertThat(volume.recordings()).isEmpty();
    record("a", 1000);
    assertThat(volume.recording("a").streamBytes()).isEqualTo(1000);
  }

  @Test
  void aGapWhoseSizeIsAnEstimateSaysSoWhereverItIsTold() {
    try (Recorder recorder = volume.record(options("a"))) {
      TestStream stream = new TestStream(recorder.ring(), SEED);
      stream.commitUpTo(SLOT, recorder.agent());
      recorder.ring().lost(700, 1, true);
      recorder.ring().lost(7, 2, false);
      long _ = recorder.ring().claim();
      recorder.ring().commit(8, 3);
      recorder.ring().lost(5, 4, false);
      recorder.ring().end();
      TestStream.run(recorder);
      recorder.agent().close();
      assertThat(recorder.await(Duration.ofSeconds(1)).totals().lostBytes()).isEqualTo(712);
    }
    Certificate certificate = volume.check(true).recordings().getFirst().certificate();
    assertThat(certificate.totals().lostBytes()).isEqualTo(712);
    assertThat(certificate.estimatedLostBytes()).isEqualTo(707);
    try (GapReader gaps = volume.recording("a").openGaps()) {
      assertThat(gaps.next()).isEqualTo(new Gap(SLOT, 707, true, 1));
      assertThat(gaps.next()).isEqualTo(new Gap(SLOT + 715, 5, false, 4));
      assertThat(gaps.next()).isNull();
    }
  }
}
