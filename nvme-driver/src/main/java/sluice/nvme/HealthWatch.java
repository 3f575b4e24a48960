package sluice.nvme;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import sluice.nvme.spec.SmartLog;
import sluice.vfio.DmaMemory;

/**
 * Watches a drive's health while it works, and never waits for it. The command that asks for the
 * SMART log has a page of its own and stays with the drive for as long as the drive likes: one that
 * stands still is not asked again before it has answered, and is never reset on that account.
 *
 * <p>Used by one thread, any.
 */
public final class HealthWatch {
  private final ControllerContext controller;
  private final long intervalNanos;
  private final LongSupplier clock;
  private final DmaMemory page;
  private final Answer answer = new Answer();
  private long dueAt;

  // Written by whichever thread takes the answer in.
  private final AtomicBoolean hasNews = new AtomicBoolean();
  private volatile boolean isOut;
  private volatile SmartLog latest;

  HealthWatch(ControllerContext controller, Duration interval) {
    this.controller = controller;
    this.intervalNanos = interval.toNanos();
    this.clock = controller.options().nanoClock();
    this.page = controller.transport().dma().allocate(AdminCommand.PAGE_BYTES);
    this.dueAt = clock.getAsLong();
  }

  /**
   * Takes in what the drive has answered, and asks it when it is time and nothing is out. Does
   * nothing when another thread is just talking to the controller.
   *
   * @return whether {@link #latest} has changed
   * @throws NvmeException if the controller has failed, or its registers cannot be touched any more
   * @throws IllegalStateException if it is closed
   */
  public boolean poll() {
    boolean asks = !isOut && clock.getAsLong() - dueAt >= 0;
    if (isOut || asks) {
      controller.leave(asks ? AdminCommand.smartLog(page) : null, answer);
    }
    return hasNews.getAndSet(false);
  }

  /** What happens to the command that asks; under the controller's lock. */
  private final class Answer implements AdminQueue.Ending {
    @Override
    public void begun() {
      isOut = true;
      dueAt = clock.getAsLong() + intervalNanos;
    }

    @Override
    public void ended(int status, int result) {
      latest = status == 0 ? new SmartLog(AdminCommands.copy(page, SmartLog.BYTES)) : null;
      isOut = false;
      hasNews.set(true);
    }
  }

  /** The newest answer; null if there is none yet, or the last one was an error or a reset. */
  public SmartLog latest() {
    return latest;
  }

  /** The drive's temperature in kelvins as in {@link #latest}; 0 if it is not known. */
  public int temperature() {
    return latest == null ? 0 : latest.plausibleTemperature();
  }
}
