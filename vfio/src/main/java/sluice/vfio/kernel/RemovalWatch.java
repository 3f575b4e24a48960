package sluice.vfio.kernel;

import java.time.Duration;
import java.util.function.Consumer;
import sluice.vfio.linux.Events;
import sluice.vfio.linux.Linux;

/**
 * Waits, on a thread of its own, for the kernel to say that it wants a function back or that the
 * function has failed. So nobody has to ask on a hot path.
 */
final class RemovalWatch {
  private static final Duration STOP_DEADLINE = Duration.ofSeconds(10);
  private static final int NONE = -1;

  private int request = NONE;
  private int error = NONE;
  private int stop = NONE;
  private final Thread thread;

  private RemovalWatch(String name, Consumer<String> onLoss) {
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(() -> watch(onLoss));
  }

  /**
   * Starts to watch.
   *
   * @param device the device's descriptor
   * @param onLoss told once, on another thread, why the function has to be given back
   */
  static RemovalWatch start(int device, String name, Consumer<String> onLoss) {
    RemovalWatch watch = new RemovalWatch(name, onLoss);
    try {
      watch.stop = Events.eventfd();
      watch.request = event(device, Interrupts.REQUEST);
      watch.error = event(device, Interrupts.ERROR);
      watch.thread.start();
      return watch;
    } catch (RuntimeException | Error e) {
      watch.closeEvents();
      throw e;
    }
  }

  private static int event(int device, int index) {
    if (Vfio.interruptCount(device, index) == 0) {
      return NONE;
    }
    int event = Events.eventfd();
    try {
      int _ = Vfio.setEvents(device, index, event);
      return event;
    } catch (RuntimeException e) {
      Linux.close(event);
      throw e;
    }
  }

  private void watch(Consumer<String> onLoss) {
    // A descriptor of -1 is one that poll does not look at.
    int raised = Events.awaitAny(stop, request, error);
    if (raised == 1) {
      onLoss.accept("is wanted back by the kernel: it is being removed, or unbound from vfio-pci");
    } else if (raised == 2) {
      onLoss.accept("has reported an error that PCI Express cannot correct (AER)");
    }
  }

  /**
   * Ends the watch, also for a thread that is interrupted meanwhile. Not from its own thread.
   *
   * @return whether it has ended, so that nothing will be told any more; false if the kernel does
   *     not come back from what was told
   */
  boolean stop() {
    Events.raise(stop);
    boolean interrupted = false;
    long start = System.nanoTime();
    while (thread.isAlive() && System.nanoTime() - start < STOP_DEADLINE.toNanos()) {
      try {
        boolean _ = thread.join(STOP_DEADLINE);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      return false;
    }
    // The kernel holds the events too, until the device is closed.
    closeEvents();
    return true;
  }

  private void closeEvents() {
    for (int event : new int[] {stop, request, error}) {
      if (event != NONE) {
        Linux.close(event);
      }
    }
  }
}
