package sluice.recorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.nvme.ControllerOptions;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.drive.NvmeDrive;
import sluice.nvme.pcie.PcieTransport;
import sluice.recorder.format.EndReason;
import sluice.recorder.source.Source;
import sluice.recorder.source.SourceCounters;
import sluice.recorder.source.SourceOptions;
import sluice.recorder.source.Sources;
import sluice.recorder.write.WriterResult;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.media.VolatileCache;
import sluice.virtual.pci.VirtualDrive;
import sluice.virtual.pci.VirtualFunction;
import sluice.virtual.personality.Personality;

class RecordingSessionTest {
  private static final String BEGIN = "// The example begins.";
  private static final String END = "// The example ends.";
  private static final RecordingOptions OPTIONS = RecordingOptions.named("a").withSlots(65536, 16);

  @TempDir Path folder;

  private static Supplier<Source> source(String address) {
    return () -> Sources.open(address, SourceOptions.defaults());
  }

  private static Volume volume() {
    return Volume.create(
        NvmeDrive.open("virtual:memory?size=16M&thread=shared"), VolumeOptions.standard());
  }

  @Test
  void doesWhatItsExampleSays() {
    String address = "virtual:" + folder.resolve("disk.img") + "?size=16M";
    Volume.create(NvmeDrive.open(address), VolumeOptions.standard()).close();
    List<String> told = new ArrayList<>();
    // The example begins.
    try (Volume volume = Volume.open(address);
        RecordingSession session =
            RecordingSession.open(
                volume,
                RecordingOptions.named("first"),
                () -> Sources.open("generator:size=1M", SourceOptions.defaults()))) {
      WriterResult result = session.run();
      told.add(result.totals().recordedBytes() + " bytes, " + result.reason().text());
      if (session.failure() != null) {
        told.add(session.failure() + "; what came before is kept");
      }
    }
    // The example ends.
    assertThat(told).containsExactly("1048576 bytes, the stream ended");
  }

  @Test
  void hasTheExampleInItsJavadoc() throws IOException {
    List<String> test =
        Files.readAllLines(Path.of("src/test/java/sluice/recorder/RecordingSessionTest.java"));
    List<String> example =
        test.subList(indexOf(test, BEGIN) + 1, indexOf(test, END)).stream()
            .map(line -> " * " + line.substring(4))
            .toList();
    assertThat(Files.readAllLines(Path.of("src/main/java/sluice/recorder/RecordingSession.java")))
        .containsSequence(example);
  }

  private static int indexOf(List<String> lines, String line) {
    return lines.stream().map(String::strip).toList().indexOf(line);
  }

  @Test
  void toldToStopItKeepsWhatHasArrived() {
    try (Volume volume = volume();
        RecordingSession session =
            RecordingSession.open(volume, OPTIONS, source("generator:rate=20MB/s"))) {
      WriterResult result =
          session
              .onStep((status, source) -> {
                if (source.receivedBytes() > 100_000) {
                  session.stop();
                }
              })
              .run();
      assertThat(result.reason()).isEqualTo(EndReason.STOPPED);
      assertThat(result.closed()).isTrue();
      assertThat(result.totals().streamBytes())
          .isEqualTo(session.counters().receivedBytes())
          .isGreaterThan(100_000);
    }
  }

  @Test
  void toldToStopBeforeItRunsItEndsAtOnce() {
    try (Volume volume = volume();
        RecordingSession session =
            RecordingSession.open(volume, OPTIONS, source("generator:rate=20MB/s"))) {
      session.stop();
      assertThat(session.run().reason()).isEqualTo(EndReason.STOPPED);
      assertThat(session.counters().receivedBytes()).isZero();
    }
  }

  @Test
  void endsAfterItsTime() {
    try (Volume volume = volume();
        RecordingSession session =
            RecordingSession.open(volume, OPTIONS, source("generator:rate=20MB/s"))) {
      assertThat(session.stopAfter(Duration.ofMillis(30)).run().reason())
          .isEqualTo(EndReason.STOPPED);
    }
  }

  @Test
  void tellsItsListenerAtLastHowItEnded() {
    List<RecorderStatus> ended = new ArrayList<>();
    try (Volume volume = volume();
        RecordingSession session =
            RecordingSession.open(volume, OPTIONS, source("generator:size=1M"))) {
      WriterResult result =
          session
              .onStep(
                  new RecordingSession.Listener() {
                    @Override
                    public void step(RecorderStatus status, SourceCounters source) {
                      assertThat(ended).isEmpty();
                    }

                    @Override
                    public void ended(RecorderStatus status, SourceCounters source) {
                      assertThat(source.receivedBytes()).isEqualTo(1 << 20);
                      ended.add(status);
                    }
                  })
              .run();
      assertThat(result.reason()).isEqualTo(EndReason.STREAM_ENDED);
      assertThat(ended).hasSize(1);
      assertThat(ended.getFirst().durableBytes()).isEqualTo(1 << 20);
    }
  }

  @Test
  void withoutItsSourceThereIsNoRecording() {
    try (Volume volume = volume()) {
      Supplier<Source> missing = source("file:" + folder.resolve("missing"));
      assertThatThrownBy(() -> RecordingSession.open(volume, OPTIONS, missing))
          .hasMessageContaining("there is no such file");
      assertThat(volume.recordings()).isEmpty();
      try (RecordingSession session =
          RecordingSession.open(volume, OPTIONS, source("generator:size=1M"))) {
        assertThat(session.run().closed()).isTrue();
      }
    }
  }

  @Test
  void noSourceIsOpenedForANameThatIsTaken() {
    try (Volume volume = volume()) {
      RecordingSession.open(volume, OPTIONS, source("generator:size=1M")).close();
      assertThatThrownBy(() ->
              RecordingSession.open(
                  volume,
                  OPTIONS,
                  () -> {
                    throw new AssertionError("opened");
                  }))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'a'");
    }
  }

  @Test
  void recordsToAPlainRange() {
    try (NvmeDrive drive = NvmeDrive.open("virtual:memory?size=16M&thread=shared");
        RecordingSession session =
            RecordingSession.openRaw(
                drive, 8192, drive.bytes(), OPTIONS, source("generator:size=1M"))) {
      assertThat(session.run().totals().recordedBytes()).isEqualTo(1 << 20);
      assertThat(session.number()).isEqualTo(-1);
      assertThat(session.status().lastAddress()).isEqualTo(8192 + (1 << 20));
    }
  }

  @Test
  void aDriveThatDoesNotTellItsTemperatureIsRecordedToAllTheSame() {
    VirtualDrive mute =
        new VirtualDrive(
            new DriveSettings(),
            Personality.PLAIN,
            new VolatileCache(new MemoryBackend(1 << 20), 512),
            System::nanoTime);
    VirtualFunction function = new VirtualFunction("virtual:mute", mute, null);
    try (NvmeController controller = PcieTransport.open(function, ControllerOptions.defaults());
        Volume volume = volume()) {
      mute.cutPower(1);
      assertThatThrownBy(() -> controller.admin().smartLog()).isInstanceOf(NvmeException.class);
      Recorder recorder = volume.record(OPTIONS);
      Source source = source("generator:rate=20MB/s,size=2M").get();
      try (RecordingSession session =
          new RecordingSession(recorder, source, new DriveHealth(controller, recorder)::step)) {
        WriterResult result = session.run();
        assertThat(result.closed()).isTrue();
        assertThat(result.totals().streamBytes()).isEqualTo(2 << 20);
      }
    }
  }
}
