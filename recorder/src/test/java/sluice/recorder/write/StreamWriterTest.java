package sluice.recorder.write;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import sluice.recorder.Certificate;
import sluice.recorder.CheckReport;
import sluice.recorder.MemoryDrive;
import sluice.recorder.Recorder;
import sluice.recorder.Recording;
import sluice.recorder.RecordingOptions;
import sluice.recorder.TestStream;
import sluice.recorder.Volume;
import sluice.recorder.VolumeOptions;
import sluice.recorder.format.RecordingState;
import sluice.support.memory.OffHeap;

/** What the writer does on a drive that works, and what it tells. */
class StreamWriterTest extends SteppedWriter {
  @Test
  void keepsUpToItsDepthInFlight() {
    open(FlushPolicy.atEnd());
    commit(10);
    drive.hold();
    turn();
    assertThat(recorder.status().inFlight()).isEqualTo(4);
    turn();
    assertThat(recorder.status().inFlight()).isEqualTo(4);
    assertThat(recorder.status().ringFillBytes()).isEqualTo(10 * SLOT);
    drive.release();
    turn();
    assertThat(recorder.status().writtenBytes()).isEqualTo(4 * SLOT);
    assertThat(recorder.status().ringFillBytes()).isEqualTo(6 * SLOT);
    assertThat(recorder.status().highWaterBytes()).isEqualTo(10 * SLOT);
    assertThat(recorder.status().headroomNanos(SLOT * 1000.0)).isEqualTo(10_000_000);
    assertThat(end().highWaterBytes()).isEqualTo(10 * SLOT);
  }

  @Test
  void tellsWrittenAndDurableApart() {
    open(FlushPolicy.every(3 * SLOT));
    commit(2);
    turn();
    turn();
    assertThat(recorder.status().writtenBytes()).isEqualTo(2 * SLOT);
    for (int i = 0; i < 10; i++) {
      turn();
    }
    assertThat(recorder.status().durableBytes()).isZero();
    commit(1);
    turn();
    turn();
    assertThat(recorder.status().writtenBytes()).isEqualTo(3 * SLOT);
    assertThat(recorder.status().durableBytes()).as("index and flush take their turns").isZero();
    turn();
    turn();
    assertThat(recorder.status().durableBytes()).isEqualTo(3 * SLOT);
    assertThat(end().durableBytes()).isEqualTo(3 * SLOT);
  }

  @Test
  void flushesByTime() {
    open(FlushPolicy.every(Duration.ofSeconds(1)));
    commit(1);
    for (int i = 0; i < 10; i++) {
      turn();
    }
    clock.addAndGet(999_999_999);
    for (int i = 0; i < 10; i++) {
      turn();
    }
    assertThat(recorder.status().durableBytes()).isZero();
    clock.addAndGet(1);
    for (int i = 0; i < 4; i++) {
      turn();
    }
    assertThat(recorder.status().durableBytes()).isEqualTo(SLOT);
    clock.addAndGet(5_000_000_000L);
    drive.logWrites();
    for (int i = 0; i < 10; i++) {
      turn();
    }
    assertThat(drive.writes()).as("nothing new, so nothing to do").isEmpty();
    end();
  }

  @Test
  void countsPausesAndLatencies() {
    open(FlushPolicy.atEnd());
    commit(2);
    turn();
    clock.addAndGet(5_000_000);
    turn();
    assertThat(recorder.status().pauses()).as("as long as the threshold is no pause").isZero();

    commit(2);
    turn();
    drive.hold();
    clock.addAndGet(30_000_000);
    turn();
    assertThat(recorder.status().pauses()).as("it is not over").isZero();
    assertThat(recorder.status().currentPauseNanos()).isEqualTo(30_000_000);
    drive.release();
    turn();
    assertThat(recorder.status().pauses()).isEqualTo(1);
    assertThat(recorder.status().longestPauseNanos()).isEqualTo(30_000_000);
    assertThat(recorder.status().pausedNanos()).isEqualTo(30_000_000);
    assertThat(recorder.status().currentPauseNanos()).isZero();

    clock.addAndGet(1_000_000_000);
    turn();
    assertThat(recorder.status().pauses()).as("nothing was in flight").isEqualTo(1);
    assertThat(recorder.status().longestWriteNanos()).isEqualTo(30_000_000);
    assertThat(recorder.latencies().getTotalCount()).isEqualTo(4);

    WriterResult result = end();
    assertThat(result.pauses().count()).isEqualTo(1);
    assertThat(result.pauses().thresholdNanos()).isEqualTo(5_000_000);
    assertThat(result.pauses().longestNanos()).isEqualTo(30_000_000);
    assertThat(result.pauses().latencies().count(22)).as("4.2 to 8.4 ms").isEqualTo(2);
    assertThat(result.pauses().latencies().count(24)).as("16.8 to 33.6 ms").isEqualTo(2);
    assertThat(volume.recording("a").entry().pauses()).isEqualTo(result.pauses());
  }

  @Test
  void padsWithZeros() {
    open(FlushPolicy.atEnd());
    long slot = recorder.ring().claim();
    for (int i = 0; i < SLOT; i++) {
      OffHeap.putByte(slot + i, (byte) 0x55);
    }
    stream.commit(4099);
    stream.commit(1);
    end();
    long address = drive.medium().address() + volume.recording("a").extents().getFirst().address();
    for (int i = 4099; i < 8192; i++) {
      assertThat(OffHeap.getByte(address + i)).isZero();
    }
    assertThat(volume.recording("a").entry().dataBytes()).isEqualTo(3 * 4096);
  }

  @Test
  void makesEachWriteDurableByItself() {
    open(FlushPolicy.always());
    for (int i = 1; i <= 20; i++) {
      commit(1);
      for (int k = 0; k < 4; k++) {
        turn();
      }
      assertThat(recorder.status().durableBytes()).isEqualTo((long) i * SLOT);
    }
    // A process that is killed: all of it is found.
    Volume after = Volume.open(drive);
    assertThat(after.check(true).hasDamage()).isFalse();
    Recording recovered = Volume.open(drive).recording("a");
    assertThat(TestStream.verifyAll(recovered, SEED)).isEqualTo(20 * SLOT);
    assertThat(recovered.entry().indexEntries()).as("no mark for each").isEqualTo(20);
  }

  @Test
  void checksumsWhileTheDriveWorks() {
    open(FlushPolicy.atEnd());
    commit(4);
    long slot = recorder.ring().address(0);
    // Whoever changes the slot when the drive is told sees that change in the checksum.
    drive.onRing(() -> OffHeap.putLong(slot, 0x1234));
    turn();
    drive.onRing(() -> {});
    end();
    assertThat(volume.check(true).hasDamage()).isFalse();
  }

  @Test
  void notesInTheCatalogueWhatIsDurable() {
    open(FlushPolicy.every(1));
    for (int i = 0; i < 5; i++) {
      commit(1);
      for (int k = 0; k < 10; k++) {
        clock.addAndGet(300_000_000);
        turn();
      }
    }
    // Two notes at least have come, one in each copy; the other is older, and true.
    for (int copy = 0; copy < 2; copy++) {
      drive.failReads(volume.layout().catalogueAddress(0, copy), 1);
      long noted = Volume.open(drive).recording("a").streamBytes();
      assertThat(noted).isBetween(2L * SLOT, 5L * SLOT);
      drive.heal();
    }
    // The index is lost whole: what was noted tells that this is no crash.
    long index = Volume.open(drive).recording("a").entry().indexAddress();
    drive.medium().asSlice(index, 65536).fill((byte) 0);
    CheckReport report = Volume.open(drive).check(true);
    assertThat(report.hasDamage()).isTrue();
    assertThat(report.findings().getFirst().toString())
        .startsWith("recording 'a': index entry 0 is damaged: ");
    assertThat(report.findings().getFirst().text())
        .endsWith(" bytes of the stream were durable, and the index tells of 0");
  }

  @Test
  void keepsTheDrivesPausesOverACrash() {
    open(FlushPolicy.every(1));
    recorder.temperature(300);
    for (int i = 0; i < 3; i++) {
      commit(1);
      turn();
      drive.hold();
      clock.addAndGet(50_000_000);
      turn();
      drive.release();
      turn();
      for (int k = 0; k < 10; k++) {
        clock.addAndGet(1_000_000_000);
        turn();
      }
    }
    assertThat(Volume.open(drive).check(true).hasDamage()).isFalse();
    Recording recovered = Volume.open(drive).recording("a");
    assertThat(recovered.state()).isEqualTo(RecordingState.RECOVERED);
    assertThat(recovered.entry().pauses().longestNanos()).isEqualTo(50_000_000);
    assertThat(recovered.entry().ring().highWaterBytes()).isEqualTo(SLOT);
  }

  @Test
  void notesHighWaterAndTemperature() {
    open(FlushPolicy.every(1));
    recorder.temperature(310);
    commit(7);
    for (int i = 0; i < 10; i++) {
      turn();
    }
    recorder.temperature(320);
    commit(2);
    for (int i = 0; i < 10; i++) {
      turn();
    }
    end();
    Certificate certificate = volume.check(true).recordings().getFirst().certificate();
    assertThat(certificate.marks()).isGreaterThanOrEqualTo(2);
    assertThat(certificate.highWaterBytes()).isEqualTo(7 * SLOT);
    assertThat(certificate.maxKelvin()).isEqualTo(320);
  }

  @Test
  void writesManyEntriesThroughASmallBuffer() {
    MemoryDrive large = MemoryDrive.of(64 << 20);
    Volume many = Volume.create(large, VolumeOptions.standard().withIndexBytes(2 << 20));
    WriterOptions writer =
        WriterOptions.standard(clock::get).withFlush(FlushPolicy.atEnd()).withDepth(64);
    try (Recorder running =
        many.record(RecordingOptions.named("a").withSlots(4096, 128).withWriter(writer))) {
      TestStream small = new TestStream(running.ring(), SEED);
      for (int i = 0; i < 12_000; i++) {
        while (!small.commit(4096)) {
          running.agent().doWork();
        }
        if (i % 3 == 0) {
          small.lose(1);
        }
      }
      running.ring().end();
      TestStream.run(running);
      assertThat(running.await(Duration.ofSeconds(1)).indexEntries()).isEqualTo(16_000);
      running.agent().close();
    }
    assertThat(many.check(true).findings()).isEmpty();
    assertThat(TestStream.verifyAll(many.recording("a"), SEED)).isEqualTo(12_000 * 4096);
  }
}
