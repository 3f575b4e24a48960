package sluice.recorder.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import sluice.nvme.spec.Status;
import sluice.nvme.spec.StatusCode;
import sluice.recorder.Certificate;
import sluice.recorder.CheckReport;
import sluice.recorder.MemoryDrive;
import sluice.recorder.Recorder;
import sluice.recorder.Recording;
import sluice.recorder.RecordingOptions;
import sluice.recorder.TestStream;
import sluice.recorder.Volume;
import sluice.recorder.VolumeOptions;
import sluice.recorder.format.EndReason;
import sluice.recorder.format.RecordingState;
import sluice.support.memory.OffHeap;

/** The writer on a drive whose every step the test decides, by a clock that the test moves. */
class StreamWriterTest {
  private static final int SLOT = 8192;
  private static final long SEED = 3;
  private static final int AGAIN = StatusCode.ABORTED_BY_HOST.status();
  private static final int NEVER = StatusCode.INVALID_FIELD.status() | Status.DNR;

  private final AtomicLong clock = new AtomicLong(1_000_000_000);
  private final MemoryDrive drive = MemoryDrive.of(8 << 20);
  private final Volume volume = Volume.create(drive, VolumeOptions.standard());
  private Recorder recorder;
  private TestStream stream;

  private void open(FlushPolicy flush) {
    WriterOptions writer =
        WriterOptions.standard(clock::get)
            .withNanoClock(clock::get)
            .withFlush(flush)
            .withDepth(4)
            .withPauseThreshold(Duration.ofMillis(5));
    recorder = volume.record(RecordingOptions.named("a").withSlots(SLOT, 16).withWriter(writer));
    stream = new TestStream(recorder.ring(), SEED);
  }

  private void turn() {
    recorder.agent().doWork();
  }

  private void commit(int slots) {
    for (int i = 0; i < slots; i++) {
      assertThat(stream.commit(SLOT)).isTrue();
    }
  }

  private WriterResult end() {
    recorder.ring().end();
    TestStream.run(recorder);
    WriterResult result = recorder.await(Duration.ofSeconds(1));
    recorder.agent().close();
    return result;
  }

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
  void triesAgainWhatMayBeTriedAgain() {
    open(FlushPolicy.every(1));
    for (int i = 0; i < 12; i++) {
      drive.failNext(AGAIN);
      commit(1);
      for (int k = 0; k < 10; k++) {
        turn();
      }
      assertThat(recorder.status().durableBytes()).isEqualTo(stream.offset());
    }
    WriterResult result = end();
    assertThat(result.reason()).isEqualTo(EndReason.STREAM_ENDED);
    assertThat(volume.check(true).recordings().getFirst().certificate().isGapless()).isTrue();
  }

  @Test
  void givesUpAWriteThatFailsAgainAndAgain() {
    open(FlushPolicy.atEnd());
    commit(3);
    turn();
    // Of four in flight the second fails, and so do its next attempts.
    drive.failNext(0);
    drive.failNext(AGAIN);
    drive.failNext(0);
    while (!recorder.ring().isStopped()) {
      drive.failNext(AGAIN);
      clock.addAndGet(500_000_000L);
      turn();
    }
    drive.heal();
    WriterResult result = end();
    assertThat(result.reason()).isEqualTo(EndReason.COMMAND_FAILED);
    assertThat(result.failure()).startsWith("a write at ").contains(" failed: ");
    assertThat(result.closed()).isTrue();
    assertThat(result.totals().recordedBytes()).isEqualTo(SLOT);
    assertThat(result.totals().lostBytes()).isEqualTo(2 * SLOT);
  }

  /** As a drive does that comes back from something: the ring holds what comes meanwhile. */
  @Test
  void waitsForADriveThatIsNotReady() {
    open(FlushPolicy.every(1));
    int notReady = StatusCode.NAMESPACE_NOT_READY.status();
    for (int phase = 0; phase < 3; phase++) {
      commit(1);
      for (int i = 0; i < 20; i++) {
        drive.failNext(notReady);
      }
      long start = clock.get();
      while (recorder.status().durableBytes() < stream.offset()) {
        clock.addAndGet(1_000_000);
        turn();
        assertThat(clock.get() - start).isLessThan(9_000_000_000L);
      }
      assertThat(clock.get() - start).as("not all at once").isGreaterThan(100_000_000L);
    }
    assertThat(end().reason()).isEqualTo(EndReason.STREAM_ENDED);
    assertThat(volume.check(true).recordings().getFirst().certificate().isGapless()).isTrue();
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
  void stepsOverAPlaceThatCannotBeWritten() {
    long address = volume.layout().dataAddress();
    drive.failWrites(address, 1);
    drive.failWrites(address + 5L * SLOT + 4096, 1);
    drive.failWrites(address + 7L * SLOT, SLOT + 1);
    open(FlushPolicy.every(2 * SLOT));
    for (int i = 0; i < 20; i++) {
      commit(3);
      stream.lose(11);
      for (int k = 0; k < 30; k++) {
        clock.addAndGet(1_000_000);
        turn();
      }
    }
    WriterResult result = end();
    assertThat(result.reason()).isEqualTo(EndReason.STREAM_ENDED);
    assertThat(result.totals().lostBytes()).isEqualTo(20 * 11);
    assertThat(volume.check(true).hasDamage()).isFalse();
    assertThat(TestStream.verifyAll(volume.recording("a"), SEED)).isEqualTo(60 * SLOT);
    assertThat(volume.recording("a").entry().dataBytes()).isGreaterThan(60 * SLOT);
  }

  @Test
  void endsOnADriveThatCanWriteNothing() {
    open(FlushPolicy.atEnd());
    drive.failWrites(volume.layout().dataAddress(), volume.layout().dataBytes());
    commit(8);
    while (!recorder.ring().isStopped()) {
      clock.addAndGet(10_000_000);
      turn();
    }
    WriterResult result = end();
    assertThat(result.reason()).isEqualTo(EndReason.COMMAND_FAILED);
    assertThat(result.failure()).startsWith("a write at ").contains("Write Fault");
    assertThat(result.totals().lostBytes()).isEqualTo(8 * SLOT);
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
  void keepsWhatCameBeforeAFailure() {
    open(FlushPolicy.atEnd());
    commit(6);
    turn();
    drive.failNext(0);
    drive.failNext(0);
    drive.failNext(NEVER);
    turn();
    assertThat(recorder.ring().isStopped()).isTrue();
    turn();
    stream.lose(10);
    commit(1);
    stream.lose(20);
    WriterResult result = end();
    assertThat(result.reason()).isEqualTo(EndReason.COMMAND_FAILED);
    assertThat(result.totals().recordedBytes()).isEqualTo(2 * SLOT);
    assertThat(result.totals().streamBytes()).isEqualTo(stream.offset());
    assertThat(result.totals().gaps()).isEqualTo(1);
    assertThat(TestStream.verifyAll(volume.recording("a"), SEED)).isEqualTo(2 * SLOT);
    assertThat(volume.recording("a").endReason()).isEqualTo(EndReason.COMMAND_FAILED);
    assertThat(volume.check(true).hasDamage()).isFalse();
  }

  @Test
  void leavesTheRecordingOpenWhenItsEndCannotBeWritten() {
    open(FlushPolicy.every(1));
    commit(2);
    for (int i = 0; i < 10; i++) {
      turn();
    }
    assertThat(recorder.status().durableBytes()).isEqualTo(2 * SLOT);
    commit(1);
    turn();
    turn();
    // The index, which is next.
    drive.failNext(NEVER);
    WriterResult result = end();
    assertThat(result.closed()).isFalse();
    assertThat(result.failure()).startsWith("a write of the index failed: Invalid Field");
    assertThat(result.durableBytes()).isEqualTo(2 * SLOT);
    CheckReport report = Volume.open(drive).check(true);
    assertThat(report.hasDamage()).isFalse();
    Recording recovered = Volume.open(drive).recording("a");
    assertThat(recovered.state()).isEqualTo(RecordingState.RECOVERED);
    assertThat(recovered.endReason()).isEqualTo(EndReason.CRASH);
    assertThat(TestStream.verifyAll(recovered, SEED)).isGreaterThanOrEqualTo(2 * SLOT);
  }

  @Test
  void stopsWhenItIsTold() {
    open(FlushPolicy.atEnd());
    commit(5);
    recorder.stop();
    turn();
    assertThat(recorder.ring().isStopped()).isTrue();
    commit(1);
    WriterResult result = end();
    assertThat(result.reason()).isEqualTo(EndReason.STOPPED);
    assertThat(result.totals().recordedBytes()).isEqualTo(6 * SLOT);
  }

  @Test
  void doesNotWaitForAProducerThatDoesNotStop() {
    open(FlushPolicy.atEnd());
    commit(10);
    recorder.stop();
    for (int i = 0; i < 50; i++) {
      turn();
    }
    assertThat(recorder.hasEnded()).isFalse();
    clock.addAndGet(1_000_000_000);
    commit(3);
    for (int i = 0; i < 50; i++) {
      turn();
    }
    assertThat(recorder.hasEnded()).isTrue();
    WriterResult result = recorder.await(Duration.ofSeconds(1));
    assertThat(result.reason()).isEqualTo(EndReason.STOPPED);
    assertThat(result.totals().recordedBytes()).isEqualTo(13 * SLOT);
    assertThat(volume.check(true).recordings().getFirst().certificate().isGapless()).isTrue();
  }

  @Test
  void endsThoughAProducerThatWasGivenUpGoesOnAndEndsMeanwhile() {
    open(FlushPolicy.atEnd());
    commit(2);
    recorder.stop();
    turn();
    drive.hold();
    clock.addAndGet(1_000_000_000);
    turn();
    commit(2);
    recorder.ring().end();
    drive.release();
    for (int i = 0; i < 50; i++) {
      turn();
    }
    assertThat(recorder.hasEnded()).isTrue();
    WriterResult result = recorder.await(Duration.ofSeconds(1));
    assertThat(result.reason()).isEqualTo(EndReason.STOPPED);
    assertThat(result.closed()).isTrue();
    assertThat(result.totals().recordedBytes()).isEqualTo(2 * SLOT);
    assertThat(volume.check(true).recordings().getFirst().certificate().isGapless()).isTrue();
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
