package sluice.recorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.drive.DriveIo;
import sluice.nvme.drive.NvmeDrive;
import sluice.recorder.format.EndReason;
import sluice.recorder.format.Extent;
import sluice.recorder.write.WriterResult;

/** The smallest volumes, full ones, and drives of more blocks than 32 bits count. */
class SizesTest {
  private static final long SEED = 3;

  /** With 16 entries: what the message says. */
  private static final long SMALLEST = smallest();

  @TempDir Path folder;

  private static long smallest() {
    try {
      Volume.create(MemoryDrive.of(1 << 20), VolumeOptions.standard());
      throw new AssertionError("a volume of 1 MiB");
    } catch (IllegalArgumentException e) {
      return Long.parseLong(e.getMessage().replaceAll(".*needs (\\d+) at least", "$1"));
    }
  }

  private static WriterResult record(Volume volume, String name, long bytes) {
    try (Recorder recorder = volume.record(RecordingOptions.named(name).withSlots(4096, 8))) {
      TestStream stream = new TestStream(recorder.ring(), SEED);
      while (stream.offset() < bytes && !recorder.ring().isStopped()) {
        if (!stream.commit((int) Math.min(4096, bytes - stream.offset()))) {
          recorder.agent().doWork();
        }
      }
      recorder.ring().end();
      TestStream.run(recorder);
      return recorder.await(Duration.ofSeconds(1));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 512, 4095, 4096, 8192, 65536, 131072})
  void theSmallestAreFilledToTheirEndAndAllOfItIsThere(long more) {
    MemoryDrive drive = MemoryDrive.of(SMALLEST + more);
    Volume volume = Volume.create(drive, VolumeOptions.standard());
    WriterResult first = record(volume, "a", 100_001);
    assertThat(first.reason()).isEqualTo(EndReason.STREAM_ENDED);
    WriterResult full = record(volume, "b", Long.MAX_VALUE);
    assertThat(full.reason()).isEqualTo(EndReason.DATA_FULL);
    assertThat(full.closed()).isTrue();
    assertThat(volume.freeBytes()).isZero();
    assertThatThrownBy(() -> record(volume, "c", 1))
        .isInstanceOf(DriveFullException.class)
        .hasMessageContaining("is full: its data region has nothing free");

    Volume reopened = Volume.open(drive);
    assertThat(reopened.check(true).findings()).isEmpty();
    long used = 0;
    for (Recording recording : reopened.recordings()) {
      assertThat(TestStream.verifyAll(recording, SEED)).isEqualTo(recording.recordedBytes());
      for (Extent extent : recording.extents()) {
        used += extent.bytes();
      }
    }
    assertThat(used).isEqualTo(reopened.layout().dataBytes());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 511, 4096, 65536})
  void whatIsSmallerIsRefusedAndNotTouched(long less) {
    MemoryDrive drive = MemoryDrive.of(SMALLEST - less);
    drive.refuseWrites();
    assertThatThrownBy(() -> Volume.create(drive, VolumeOptions.standard()))
        .hasMessageContaining("this layout needs " + SMALLEST + " at least");
  }

  @Test
  void aFullCatalogueRefusesOneMoreAndLosesNone() {
    MemoryDrive drive = MemoryDrive.of(4 << 20);
    Volume volume = Volume.create(drive, VolumeOptions.standard().withCatalogueEntries(3));
    for (int i = 0; i < 3; i++) {
      record(volume, "r" + i, 5000);
    }
    assertThatThrownBy(() -> record(volume, "r3", 5000))
        .isInstanceOf(DriveFullException.class)
        .hasMessageContaining("its catalogue has room for 3 recordings");
    assertThat(Volume.open(drive).check(true).recordings()).hasSize(3);
    assertThat(Volume.open(drive).check(true).findings()).isEmpty();
  }

  @Test
  void saysAtTheStartThatTheIndexIsTheShorterOne() {
    MemoryDrive drive = MemoryDrive.of(16 << 20);
    Volume volume = Volume.create(drive, VolumeOptions.standard().withIndexBytes(64 << 10));
    RecordingOptions options = RecordingOptions.named("");
    try (Recorder small = volume.record(options.withSlots(4096, 8))) {
      assertThat(small.note())
          .isEqualTo(
              "the index has room for 1024 entries, one for each slot of 4 KiB that is written: it"
                  + " may be full after 4 MiB of the 15.68 MiB that are free; take larger slots,"
                  + " or a larger index");
      small.ring().end();
      TestStream.run(small);
    }
    try (Recorder large = volume.record(options.withSlots(16384, 8))) {
      assertThat(large.note()).isEmpty();
    }
  }

  private String sparse(String size) {
    return "virtual:" + folder.resolve("large.img") + "?thread=shared&size=" + size;
  }

  @Test
  void aVolumeOfMoreBlocksThan32BitsCountHoldsBothItsEnds() {
    String size = "3T";
    VolumeOptions options = VolumeOptions.standard().withIndexBytes(1 << 20);
    try (Volume volume = Volume.create(NvmeDrive.open(sparse(size)), options)) {
      assertThat(volume.layout().catalogueAddress(0, 1) / volume.layout().blockSize())
          .isGreaterThan(1L << 32);
      try (RecordingSession session =
          RecordingSession.open(volume, RecordingOptions.named("a"), new Zeros(1_000_000))) {
        assertThat(session.run().closed()).isTrue();
      }
    }
    try (Volume volume = Volume.open(sparse(size))) {
      assertThat(volume.check(true).findings()).isEmpty();
      assertThat(volume.recording("a").recordedBytes()).isEqualTo(1_000_000);
    }
  }

  private static final class Zeros implements Feed {
    private long left;

    Zeros(long left) {
      this.left = left;
    }

    @Override
    public int fill(ByteBuffer room) {
      if (left == 0) {
        return END;
      }
      int length = (int) Math.min(left, room.remaining());
      left -= length;
      return length;
    }
  }

  @Test
  void aStreamGoesOnPastTheBlockThat32BitsDoNotCount() throws Exception {
    long start = (512L << 32) - (1 << 20);
    try (NvmeDrive drive = NvmeDrive.open(sparse("3T"))) {
      long[] next = {0};
      RecordingOptions options = RecordingOptions.named("").withSlots(65536, 8);
      try (RecordingSession session =
          RecordingSession.openRaw(
              drive,
              start,
              start + (2 << 20),
              options,
              room -> {
                while (room.hasRemaining()) {
                  room.putLong(next[0]++);
                }
                return 65536;
              })) {
        assertThat(session.run().reason()).isEqualTo(EndReason.DATA_FULL);
      }
      try (DriveIo io = new DriveIo(drive)) {
        for (long at = 0; at < 2 << 20; at += 65536) {
          io.read(start + at, 65536);
          long number = io.buffer().get(ValueLayout.JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN), 0);
          assertThat(number).isEqualTo(at / 8);
        }
        io.read(0, 65536);
        assertThat(io.buffer().get(ValueLayout.JAVA_LONG, 8)).as("where it would wrap").isZero();
      }
    }
    assertThat(Files.size(folder.resolve("large.img"))).isEqualTo(3L << 40);
  }
}
