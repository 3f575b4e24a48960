package sluice.cli;

import java.time.Duration;
import sluice.nvme.NvmeController;
import sluice.recorder.Recorder;
import sluice.recorder.RecorderStatus;
import sluice.recorder.source.Source;
import sluice.recorder.write.WriterResult;
import sluice.support.agent.AgentRunner;
import sluice.support.agent.IdleStrategy;

/**
 * A recording while it runs: the source on one thread, the writer on another, and this one looks
 * on.
 */
final class RecordingRun {
  private static final Duration TURN = Duration.ofMillis(10);

  /**
   * How long a source that was told to stop may go on without getting anything into the ring. A
   * drive in a long pause is waited for, as the ring is; who does not want to, stops twice.
   */
  private static final long DRAIN_NANOS = 60_000_000_000L;

  private final DriveHealth health;
  private final Source source;
  private final Recorder recorder;
  private final Progress progress;
  private final StopRequest request;
  private long stopAt = Long.MAX_VALUE;
  private volatile boolean isStopping;
  private long drained = -1;
  private long drainDeadline;

  /**
   * @param controller of the drive, asked for its health now and then
   * @param recorder not yet started; stays the caller's
   * @param source not yet attached; closed when the run ends
   * @param request ends the recording, also if it was made before
   */
  RecordingRun(
      NvmeController controller,
      Recorder recorder,
      Source source,
      Progress progress,
      StopRequest request) {
    this.health = new DriveHealth(controller, recorder);
    this.recorder = recorder;
    this.source = source;
    this.progress = progress;
    this.request = request;
  }

  /** Ends the recording after so long. */
  RecordingRun stopAfter(long nanos) {
    stopAt = nanos;
    return this;
  }

  /**
   * Records until the stream ends, the drive is full or has failed, or it is told to stop.
   *
   * @throws IllegalStateException if the source itself has failed; what came before is kept
   */
  WriterResult run() {
    source.attach(recorder.ring());
    request.does(this::stop);
    recorder.start(IdleStrategy.backingOff());
    AgentRunner sourceRunner = AgentRunner.start(source, IdleStrategy.backingOff());
    try {
      long start = System.nanoTime();
      while (recorder.await(TURN) == null) {
        long now = System.nanoTime();
        if (now - start > stopAt) {
          stop();
        }
        if (sourceRunner.failure() != null || (isStopping && isDrainOverdue(now))) {
          recorder.stop();
        }
        RecorderStatus status = recorder.status();
        health.step(now);
        progress.step(status, source.counters());
      }
      progress.end(recorder.status(), source.counters());
    } finally {
      // Before the ring is freed.
      sourceRunner.close();
    }
    return recorder.await(TURN);
  }

  /** Ends the recording when all that has arrived by now is in the ring. */
  void stop() {
    recorder.announceStop();
    source.stop();
    isStopping = true;
  }

  /** Whether the source has been told to stop, and for long has moved nothing. */
  private boolean isDrainOverdue(long now) {
    long received = source.counters().receivedBytes();
    if (received != drained) {
      drained = received;
      drainDeadline = now + DRAIN_NANOS;
    }
    return now - drainDeadline > 0;
  }
}
