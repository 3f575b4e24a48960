package sluice.recorder.write;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import sluice.nvme.spec.StatusCode;
import sluice.recorder.CheckReport;
import sluice.recorder.Recording;
import sluice.recorder.TestStream;
import sluice.recorder.Volume;
import sluice.recorder.format.EndReason;
import sluice.recorder.format.RecordingState;

/** What the writer does on a drive that fails, and with a producer that does not stop. */
class WriterFailuresTest extends SteppedWriter {
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
}
