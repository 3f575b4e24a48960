package sluice.cli;

import java.time.Duration;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.agent.AgentRunner;
import sluice.nvme.agent.IdleStrategy;
import sluice.recorder.Recorder;
import sluice.recorder.source.Source;
import sluice.recorder.write.WriterResult;

/**
 * A recording while it runs: the source on one thread, the writer on another, and this one looks
 * on.
 */
final class RecordingRun {
  private static final Duration TURN = Duration.ofMillis(10);
  private static final long HEALTH_NANOS = 2_000_000_000L;
  private static final int UNKNOWN = 0;

  private final NvmeController controller;
  private final Source source;
  private final Recorder recorder;
  private final Progress progress;
  private long stopAt = Long.MAX_VALUE;

  /**
   * @param controller of the drive, asked for its health now and then
   * @param recorder not yet started; stays the caller's
   * @param source not yet attached; closed when the run ends
   */
  RecordingRun(NvmeController controller, Recorder recorder, Source source, Progress progress) {
    this.controller = controller;
    this.recorder = recorder;
    this.source = source;
    this.progress = progress;
  }

  /** Ends the recording after so long. */
  RecordingRun stopAfter(long nanos) {
    stopAt = nanos;
    return this;
  }

  /**
   * Records until the stream ends, the drive is full or has failed, or Ctrl-C.
   *
   * @throws IllegalStateException if the source itself has failed; what came before is kept
   */
  WriterResult run() {
    source.attach(recorder.ring());
    Signals.onFirst(recorder::stop);
    recorder.start(IdleStrategy.backingOff());
    AgentRunner sourceRunner = AgentRunner.start(source, IdleStrategy.backingOff());
    try {
      long start = System.nanoTime();
      long healthDue = start;
      while (recorder.await(TURN) == null) {
        long now = System.nanoTime();
        if (now - start > stopAt || sourceRunner.failure() != null) {
          recorder.stop();
        }
        if (now - healthDue >= 0) {
          healthDue = now + HEALTH_NANOS;
          lookAtHealth();
        }
        progress.step(recorder.status());
      }
      progress.end(recorder.status());
    } finally {
      // Before the ring is freed.
      sourceRunner.close();
    }
    return recorder.await(TURN);
  }

  /**
   * A drive that does not tell its health is no reason to end a recording: if it has failed
   * altogether, the writer will say so.
   */
  private void lookAtHealth() {
    try {
      recorder.temperature(controller.admin().smartLog().compositeTemperature());
      // Takes events in, such as a temperature above the threshold.
      int _ = controller.poll();
    } catch (NvmeException e) {
      recorder.temperature(UNKNOWN);
    }
  }
}
