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

  private final int request;
  private final int error;
  private final int stop;
  private final Thread thread;

  private RemovalWatch(int request, int error, int stop, String name, Consumer<String> onLoss) {
    this.request = request;
    this.error = error;
    this.stop = stop;
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(() -> watch(onLoss));
  }

  /**
   * Starts to watch.
   *
   * @param device the device's descriptor
   * @param onLoss told once, on another thread, why the function has to be given back
   */
  static RemovalWatch start(int device, String name, Consumer<String> onLoss) {
    int request = event(device, Interrupts.REQUEST);
    int error = event(device, Interrupts.ERROR);
    RemovalWatch watch = new RemovalWatch(request, error, Events.eventfd(), name, onLoss);
    watch.thread.start();
    return watch;
  }

  private static int event(int device, int index) {
    if (Vfio.interruptCount(device, index) == 0) {
      return NONE;
    }
    int event = Events.eventfd();
    int _ = Vfio.setEvents(device, index, event);
    return event;
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

  /** Ends the watch; when this returns, nothing will be told any more. Not from its own thread. */
  void stop() {
    Events.raise(stop);
    boolean ended = false;
    try {
      ended = thread.join(STOP_DEADLINE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (ended) {
      // The kernel holds the events too, until the device is closed.
      closeEvents();
    }
  }

  private void closeEvents() {
    for (int event : new int[] {stop, request, error}) {
      if (event != NONE) {
        Linux.close(event);
      }
    }
  }
}
