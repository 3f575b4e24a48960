package sluice.vfio.kernel;

import java.lang.foreign.Arena;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import sluice.support.linux.EventWatch;
import sluice.support.linux.Events;
import sluice.support.linux.Linux;
import sluice.vfio.abi.Interrupts;

/**
 * Waits, on a thread of its own, for the kernel to say that it wants a function back or that the
 * function has failed. An error that the function has survived is not told: its driver finds what
 * it has cost.
 */
final class RemovalWatch {
  private static final int NONE = -1;

  /**
   * For how long the function is looked at after an error: the kernel tells of a fatal one before
   * it resets the link.
   */
  private static final int LOOKS = 4;

  private static final long BETWEEN_LOOKS_NANOS = 100_000_000;

  private final int request;
  private final int error;
  private final Supplier<ErrorReport> look;
  private final Consumer<String> onLoss;
  private EventWatch watch;

  private RemovalWatch(
      int request, int error, Supplier<ErrorReport> look, Consumer<String> onLoss) {
    this.request = request;
    this.error = error;
    this.look = look;
    this.onLoss = onLoss;
  }

  /**
   * Starts to watch.
   *
   * @param device the device's descriptor
   * @param look what has become of it after an error
   * @param onLoss told once, on another thread, why the function has to be given back
   */
  static RemovalWatch start(
      int device, String name, Supplier<ErrorReport> look, Consumer<String> onLoss) {
    int request = event(device, Interrupts.REQUEST);
    int error;
    try {
      error = event(device, Interrupts.ERROR);
    } catch (RuntimeException | Error e) {
      close(request);
      throw e;
    }
    return start(request, error, name, look, onLoss);
  }

  /**
   * Starts to watch two events, which are closed with it; a negative one is none.
   *
   * @param request raised when the function is wanted back
   * @param error raised when it has reported an error
   */
  static RemovalWatch start(
      int request, int error, String name, Supplier<ErrorReport> look, Consumer<String> onLoss) {
    RemovalWatch removal = new RemovalWatch(request, error, look, onLoss);
    try {
      removal.watch = EventWatch.start(name, removal::tell, request, error);
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

  private boolean tell(int raised) {
    if (raised == 0) {
      onLoss.accept("is wanted back by the kernel: it is being removed, or unbound from vfio-pci");
      return false;
    }
    ErrorReport report = lookAfterError();
    if (report == ErrorReport.SURVIVED) {
      return true;
    }
    onLoss.accept(
        report == ErrorReport.GONE
            ? "does not answer any more, after an error that PCI Express cannot correct (AER)"
            : "has reported a fatal error of PCI Express (AER), which resets it");
    return false;
  }

  private ErrorReport lookAfterError() {
    try (Arena arena = Arena.ofConfined()) {
      // From here on another error raises the event again.
      long _ = Linux.read(error, arena.allocate(Long.BYTES, Long.BYTES).address(), Long.BYTES);
    }
    ErrorReport report = look.get();
    for (int i = 1; i < LOOKS && report == ErrorReport.SURVIVED; i++) {
      LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
      report = look.get();
    }
    return report;
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
    close(request);
    close(error);
  }

  private static void close(int event) {
    if (event != NONE) {
      Linux.close(event);
    }
  }
}
