package sluice.recorder;

import java.time.Duration;
import sluice.nvme.HealthWatch;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;

/**
 * Asks the drive for its temperature now and then while it is recorded to, and takes its events in.
 * Nothing here waits for the drive: one that stands still for half a minute is not disturbed.
 */
final class DriveHealth {
  private static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final int UNKNOWN = 0;

  private final NvmeController controller;
  private final Recorder recorder;
  private final HealthWatch watch;
  private long eventsDue = System.nanoTime();

  DriveHealth(NvmeController controller, Recorder recorder) {
    this.controller = controller;
    this.recorder = recorder;
    this.watch = controller.watchHealth(INTERVAL);
  }

  /**
   * Asks, if it is time to, and takes in what was answered. A drive that does not tell its health
   * is no reason to end a recording: if it has failed altogether, the writer will say so.
   */
  void step(long now) {
    try {
      if (watch.poll()) {
        recorder.temperature(watch.temperature());
      }
      if (now - eventsDue >= 0) {
        eventsDue = now + INTERVAL.toNanos();
        int _ = controller.poll();
      }
    } catch (NvmeException e) {
      recorder.temperature(UNKNOWN);
    }
  }
}
