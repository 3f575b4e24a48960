package sluice.recorder.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.drive.NvmeDrive;
import sluice.recorder.Recorder;
import sluice.recorder.RecordingOptions;
import sluice.recorder.RecordingReader;
import sluice.recorder.StreamException;
import sluice.recorder.Volume;
import sluice.recorder.VolumeOptions;
import sluice.support.agent.IdleStrategy;

class RingOutputTest {
  private static final int SLOT = 8192;
  private static final long SECOND = 1_000_000_000;

  private final RingReader reader = new RingReader(SLOT, 4);
  private final AtomicLong ticks = new AtomicLong();
  private final RingOutput output =
      new RingOutput(reader.ring, SourceOptions.defaults().withClocks(() -> 5_000, ticks::get));

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    new SplittableRandom(count).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void takesWhatFindsRoomOfAnyBuffer(boolean isDirect) {
    byte[] bytes = bytes(100_000);
    ByteBuffer data =
        isDirect ? ByteBuffer.allocateDirect(100_000).put(bytes).flip() : ByteBuffer.wrap(bytes);
    SplittableRandom random = new SplittableRandom(1);
    int taken = 0;
    while (taken < 100_000) {
      data.limit(Math.min(100_000, taken + random.nextInt(20_000)));
      taken += output.write(data);
      assertThat(data.position()).isEqualTo(taken);
      reader.take();
    }
    assertThat(output.isOpen()).isTrue();
    output.close();
    output.close();
    assertThat(output.isOpen()).isFalse();
    RingReader.assertSame(reader.take().bytes(), bytes, "the stream");
    assertThat(reader.gaps).isEmpty();
  }

  @Test
  void whatFindsNoRoomIsAGapInItsPlace() {
    assertThat(output.writeOrLose(ByteBuffer.wrap(bytes(40_000)))).isEqualTo(40_000 - 4 * SLOT);
    reader.take();
    output.lost(5);
    assertThat(output.writeOrLose(ByteBuffer.wrap(bytes(100)))).isZero();
    output.close();
    assertThat(reader.take().gaps)
        .containsExactly(new RingReader.Gap(4 * SLOT, 40_000 - 4 * SLOT + 5));
    assertThat(reader.bytes()).hasSize(4 * SLOT + 100);
  }

  @Test
  void handsOnWhatHasWaitedWhenMoreComesOrWhenItIsToldTo() {
    int _ = output.write(ByteBuffer.wrap(bytes(10)));
    assertThat(reader.ring.committed()).isZero();
    ticks.set(SECOND);
    int _ = output.write(ByteBuffer.wrap(bytes(1)));
    assertThat(reader.take().bytes()).hasSize(11);
    int _ = output.write(ByteBuffer.wrap(bytes(3)));
    output.flush();
    assertThat(reader.take().bytes()).hasSize(14);
  }

  @Test
  void aRecordingThatHasEndedTakesNothing() {
    reader.ring.stop();
    assertThatExceptionOfType(StreamException.class)
        .isThrownBy(() -> output.writeAll(ByteBuffer.wrap(bytes(1))))
        .withMessage("the recording takes nothing more: it has ended");
  }

  @Test
  void pushedIntoARecorderItWaitsForTheDrive() {
    byte[] bytes = bytes(3_000_000);
    try (Volume volume =
        Volume.create(
            NvmeDrive.open("virtual:memory?size=16M&thread=shared"), VolumeOptions.standard())) {
      try (Recorder recorder = volume.record(RecordingOptions.named("a").withSlots(SLOT, 4))) {
        recorder.start(IdleStrategy.backingOff());
        try (RingOutput pushed = new RingOutput(recorder.ring(), SourceOptions.defaults())) {
          pushed.writeAll(ByteBuffer.wrap(bytes));
        }
      }
      assertThat(volume.recording("a").recordedBytes()).isEqualTo(3_000_000);
      assertThat(volume.recording("a").gaps()).isZero();
      try (RecordingReader played = volume.recording("a").read(4)) {
        MemorySegment all = MemorySegment.ofArray(bytes);
        while (played.next() == RecordingReader.Range.DATA) {
          MemorySegment part = all.asSlice(played.streamOffset(), played.length());
          assertThat(played.data().mismatch(part)).isEqualTo(-1);
        }
      }
    }
  }

  @Test
  void afterItsEndItTakesNothing() {
    int _ = output.write(ByteBuffer.wrap(bytes(10)));
    output.close();
    ByteBuffer late = ByteBuffer.wrap(bytes(10));
    List<ThrowingCallable> uses =
        List.of(
            () -> output.write(late),
            () -> output.writeAll(late),
            () -> output.writeOrLose(late),
            () -> output.lost(1),
            output::flush);
    for (ThrowingCallable use : uses) {
      assertThatExceptionOfType(StreamException.class)
          .isThrownBy(use)
          .withMessage("the stream takes nothing more: it was ended");
    }
    assertThat(late.position()).isZero();
    assertThat(reader.take().bytes()).hasSize(10);
  }

  @Test
  void aSecondThreadIsRefusedBeforeItPutsAnythingThere() throws Exception {
    byte[] bytes = bytes(10);
    int _ = output.write(ByteBuffer.wrap(bytes));
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread second = new Thread(() -> output.write(ByteBuffer.wrap(bytes(SLOT))));
    second.setUncaughtExceptionHandler((thread, thrown) -> failure.set(thrown));
    second.start();
    second.join();
    assertThat(failure.get())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "a stream is put into a ring by one thread, and that is "
                + Thread.currentThread().getName());
    output.close();
    RingReader.assertSame(reader.take().bytes(), bytes, "the stream");
  }
}
