package sluice.cli;

import java.util.concurrent.atomic.AtomicBoolean;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.recorder.Recorder;
import sluice.recorder.RecorderStatus;

/**
 * Asks the drive for its temperature now and then while it is recorded to, and takes its events in.
 * The question has a thread of its own: a drive that takes its time to answer holds nothing else
 * up. There is one question at a time, and none while the drive is in a pause.
 */
final class HealthWatch {
  private static final long INTERVAL_NANOS = 2_000_000_000L;

  /** From here on the drive has enough to do with itself. */
  private static final long PAUSE_NANOS = 100_000_000L;

  private static final int UNKNOWN = 0;

  private final NvmeController controller;
  private final Recorder recorder;
  private final AtomicBoolean isAsking = new AtomicBoolean();
  private long due = System.nanoTime();

  HealthWatch(NvmeController controller, Recorder recorder) {
    this.controller = controller;
    this.recorder = recorder;
  }

  /** Asks, if it is time to and nothing speaks against it. Returns at once. */
  void step(long now, RecorderStatus status) {
    if (now - due < 0
        || status.currentPauseNanos() > PAUSE_NANOS
        || !isAsking.compareAndSet(false, true)) {
      return;
    }
    due = now + INTERVAL_NANOS;
    Thread.ofPlatform().name("health").daemon().start(this::ask);
  }

  /**
   * A drive that does not tell its health is no reason to end a recording: if it has failed
   * altogether, the writer will say so. One that was closed meanwhile is not asked any more.
   */
  private void ask() {
    try {
      recorder.temperature(controller.admin().smartLog().compositeTemperature());
      // Takes events in, such as a temperature above the threshold.
      int _ = controller.poll();
    } catch (NvmeException | IllegalStateException e) {
      recorder.temperature(UNKNOWN);
    } finally {
      isAsking.set(false);
    }
  }
}
