package sluice.recorder.write;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import sluice.nvme.spec.Status;
import sluice.nvme.spec.StatusCode;
import sluice.recorder.MemoryDrive;
import sluice.recorder.Recorder;
import sluice.recorder.RecordingOptions;
import sluice.recorder.TestStream;
import sluice.recorder.Volume;
import sluice.recorder.VolumeOptions;

/** The writer on a drive whose every step the test decides, by a clock that the test moves. */
abstract class SteppedWriter {
  static final int SLOT = 8192;
  static final long SEED = 3;
  static final int AGAIN = StatusCode.ABORTED_BY_HOST.status();
  static final int NEVER = StatusCode.INVALID_FIELD.status() | Status.DNR;

  final AtomicLong clock = new AtomicLong(1_000_000_000);
  final MemoryDrive drive = MemoryDrive.of(8 << 20);
  final Volume volume = Volume.create(drive, VolumeOptions.standard());
  Recorder recorder;
  TestStream stream;

  void open(FlushPolicy flush) {
    WriterOptions writer =
        WriterOptions.standard(clock::get)
            .withNanoClock(clock::get)
            .withFlush(flush)
            .withDepth(4)
            .withPauseThreshold(Duration.ofMillis(5));
    recorder = volume.record(RecordingOptions.named("a").withSlots(SLOT, 16).withWriter(writer));
    stream = new TestStream(recorder.ring(), SEED);
  }

  void turn() {
    recorder.agent().doWork();
  }

  void commit(int slots) {
    for (int i = 0; i < slots; i++) {
      assertThat(stream.commit(SLOT)).isTrue();
    }
  }

  WriterResult end() {
    recorder.ring().end();
    TestStream.run(recorder);
    WriterResult result = recorder.await(Duration.ofSeconds(1));
    recorder.agent().close();
    return result;
  }
}
