package sluice.vfio.takeover;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Something that must not be left half done: while it is open, a signal that ends this process (as
 * Ctrl-C) waits for it, and it is told to come to an end.
 */
final class Unbroken implements AutoCloseable {
  /** What waits longer than all steps together may take is stuck in the kernel. */
  private static final Duration MOST = Duration.ofSeconds(60);

  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook = new Thread(this::awaitEnd, "unbroken");
  private volatile boolean isStopping;

  /**
   * @throws BindingException if this process is ending already
   */
  Unbroken() {
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      throw new BindingException("stopped before anything was done", e);
    }
  }

  /** What a signal does, on a thread of its own. */
  void awaitEnd() {
    isStopping = true;
    try {
      boolean _ = done.await(MOST.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether this process is to end. */
  boolean isStopping() {
    return isStopping;
  }

  @Override
  public void close() {
    try {
      boolean _ = Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // It waits.
    }
    done.countDown();
  }
}
