package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import sluice.nvme.ControllerOptions;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.drive.NvmeDrive;
import sluice.recorder.Recorder;
import sluice.recorder.RecordingOptions;
import sluice.recorder.Volume;
import sluice.recorder.VolumeOptions;
import sluice.recorder.source.Source;
import sluice.recorder.source.SourceOptions;
import sluice.recorder.source.Sources;
import sluice.recorder.write.WriterResult;
import sluice.virtual.DriveSettings;
import sluice.virtual.MemoryBackend;
import sluice.virtual.Personality;
import sluice.virtual.VirtualDrive;
import sluice.virtual.VirtualFunction;
import sluice.virtual.VolatileCache;

class RecordingRunTest {
  @Test
  void aDriveThatDoesNotTellItsTemperatureIsRecordedToAllTheSame() {
    VirtualDrive mute =
        new VirtualDrive(
            new DriveSettings(),
            Personality.PLAIN,
            new VolatileCache(new MemoryBackend(1 << 20), 512),
            System::nanoTime);
    VirtualFunction function = new VirtualFunction("virtual:mute", mute, null);
    try (NvmeController controller = NvmeController.open(function, ControllerOptions.defaults());
        Volume volume =
            Volume.create(
                NvmeDrive.open("virtual:memory?size=16M&thread=shared"),
                VolumeOptions.standard())) {
      mute.cutPower(1);
      assertThatThrownBy(() -> controller.admin().smartLog()).isInstanceOf(NvmeException.class);
      RecordingOptions options = RecordingOptions.named("a").withSlots(65536, 16);
      try (Recorder recorder = volume.record(options);
          Source source = Sources.open("generator:rate=20MB/s,size=2M", SourceOptions.defaults())) {
        Progress progress = Progress.of(Progress.Mode.none);
        WriterResult result =
            new RecordingRun(controller, recorder, source, progress, new StopRequest()).run();
        assertThat(result.closed()).isTrue();
        assertThat(result.totals().streamBytes()).isEqualTo(2 << 20);
      }
    }
  }
}
