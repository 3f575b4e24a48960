package sluice.vfio.kernel;

import java.util.function.Consumer;
import sluice.vfio.abi.Interrupts;
import sluice.vfio.linux.EventWatch;
import sluice.vfio.linux.Events;
import sluice.vfio.linux.Linux;

/**
 * Waits, on a thread of its own, for the kernel to say that it wants a function back or that the
 * function has failed.
 */
final class RemovalWatch {
  private static final int NONE = -1;

  private int request = NONE;
  private int error = NONE;
  private EventWatch watch;

  private RemovalWatch() {}

  /**
   * Starts to watch.
   *
   * @param device the device's descriptor
   * @param onLoss told once, on another thread, why the function has to be given back
   */
  static RemovalWatch start(int device, String name, Consumer<String> onLoss) {
    RemovalWatch removal = new RemovalWatch();
    try {
      removal.request = event(device, Interrupts.REQUEST);
      removal.error = event(device, Interrupts.ERROR);
      removal.watch =
          EventWatch.start(name, raised -> tell(raised, onLoss), removal.request, removal.error);
      return removal;
    } catch (RuntimeException | Error e) {
      removal.closeEvents();
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

  private static boolean tell(int raised, Consumer<String> onLoss) {
    onLoss.accept(
        raised == 0
            ? "is wanted back by the kernel: it is being removed, or unbound from vfio-pci"
            : "has reported an error that PCI Express cannot correct (AER)");
    return false;
  }

  /**
   * Ends the watch, also for a thread that is interrupted meanwhile. Not from its own thread.
   *
   * @return whether it has ended, so that nothing will be told any more; false if the kernel does
   *     not come back from what was told
   */
  boolean stop() {
    if (!watch.stop()) {
      return false;
    }
    // The kernel holds the events too, until the device is closed.
    closeEvents();
    return true;
  }

  private void closeEvents() {
    for (int event : new int[] {request, error}) {
      if (event != NONE) {
        Linux.close(event);
      }
    }
  }
}
