package sluice.recorder.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import sluice.recorder.MemoryDrive;
import sluice.recorder.Recorder;
import sluice.recorder.RecordingOptions;
import sluice.recorder.TestStream;
import sluice.recorder.format.EndReason;

/** The writer on a plain range of a drive. */
class RawWriterTest extends SteppedWriter {
  @Test
  void writesARangeWithoutMetadata() {
    MemoryDrive plain = MemoryDrive.of(1 << 20);
    plain.logWrites();
    try (Recorder raw =
        Recorder.raw(
            plain, 65536, 65536 + 10 * SLOT, RecordingOptions.named("").withSlots(SLOT, 4))) {
      TestStream bytes = new TestStream(raw.ring(), SEED);
      bytes.commitUpTo(3 * SLOT + 100, raw.agent());
      raw.ring().end();
      TestStream.run(raw);
      WriterResult result = raw.await(Duration.ofSeconds(1));
      assertThat(result.reason()).isEqualTo(EndReason.STREAM_ENDED);
      assertThat(result.durableBytes()).isEqualTo(3 * SLOT + 100);
      assertThat(raw.status().lastAddress()).isEqualTo(65536 + 3 * SLOT + 100);
      raw.agent().close();
    }
    assertThat(plain.writes().getLast()).isEqualTo(MemoryDrive.FLUSH);
    assertThat(plain.writes())
        .filteredOn(write -> !write.equals(MemoryDrive.FLUSH))
        .allMatch(write -> write.address() >= 65536 && write.address() < 65536 + 4 * SLOT)
        .hasSize(4);
  }

  @Test
  void endsARangeAtItsMaximum() {
    MemoryDrive plain = MemoryDrive.of(1 << 20);
    try (Recorder raw =
        Recorder.raw(plain, 0, 3 * SLOT, RecordingOptions.named("").withSlots(SLOT, 8))) {
      TestStream bytes = new TestStream(raw.ring(), SEED);
      for (int i = 0; i < 5; i++) {
        bytes.commit(SLOT);
      }
      raw.ring().end();
      TestStream.run(raw);
      WriterResult result = raw.await(Duration.ofSeconds(1));
      assertThat(result.reason()).isEqualTo(EndReason.DATA_FULL);
      assertThat(result.totals().recordedBytes()).isEqualTo(3 * SLOT);
      assertThat(result.totals().lostBytes()).isEqualTo(2 * SLOT);
      raw.agent().close();
    }
  }

  @Test
  void refusesARangeThatIsNone() {
    for (long[] range : new long[][] {{0, 0}, {4096, 0}, {1, 8192}, {0, 2 << 20}, {-4096, 8192}}) {
      assertThatThrownBy(
              () -> Recorder.raw(drive, range[0], 8 * range[1], RecordingOptions.named("")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("cannot record from address " + range[0]);
    }
  }
}
