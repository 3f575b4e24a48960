package sluice.nvme.tcp;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread that keeps a controller alive, also while nobody uses it, and that notices when it does
 * not answer any more: a cable that is pulled says nothing.
 */
final class KeepAlive {
  /** So often in the time after which the controller gives this host up. */
  private static final int TIMES = 3;

  private final AdminConnection admin;
  private final long pauseNanos;
  private final Thread thread;
  private volatile boolean stopped;

  /**
   * @param time after which the controller gives this host up, more than 0
   */
  KeepAlive(AdminConnection admin, Duration time, String address) {
    this.admin = admin;
    this.pauseNanos = time.dividedBy(TIMES).toNanos();
    this.thread = new Thread(this::run, "keep-alive of " + address);
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    long next = System.nanoTime() + pauseNanos;
    while (!stopped) {
      long left = next - System.nanoTime();
      if (left > 0) {
        LockSupport.parkNanos(this, left);
      } else {
        admin.keepAlive();
        next = System.nanoTime() + pauseNanos;
      }
    }
  }

  /** Ends it; returns when it has, also to a thread that is interrupted. Twice does nothing. */
  void stop() {
    stopped = true;
    LockSupport.unpark(thread);
    boolean wasInterrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        wasInterrupted = true;
      }
    }
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
