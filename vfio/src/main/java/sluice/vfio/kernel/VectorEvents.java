package sluice.vfio.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import sluice.vfio.Interrupt;
import sluice.vfio.linux.Events;
import sluice.vfio.linux.Linux;

/** The MSI-X vectors of a device as events, one each. Thread-safe. */
final class VectorEvents {
  private static final int SCRATCH_BYTES = 16;

  private final List<Integer> events;
  private final List<Wait> waits = new ArrayList<>();

  private VectorEvents(List<Integer> events) {
    this.events = events;
  }

  /**
   * Enables vectors from the first on.
   *
   * @return with as many as the system could give, 1 at least
   * @throws VfioException if it cannot give one
   */
  static VectorEvents enable(int device, int vectors) {
    int wanted = vectors;
    while (true) {
      List<Integer> events = new ArrayList<>();
      VectorEvents enabled = new VectorEvents(events);
      int possible;
      try {
        while (events.size() < wanted) {
          events.add(Events.eventfd());
        }
        possible =
            Vfio.setEvents(
                device, Interrupts.MSIX, events.stream().mapToInt(Integer::intValue).toArray());
      } catch (RuntimeException e) {
        enabled.close();
        throw e;
      }
      if (possible == 0) {
        return enabled;
      }
      enabled.close();
      if (possible < 0 || possible >= wanted) {
        throw new VfioException("the system has no interrupt left for the device");
      }
      wanted = possible;
    }
  }

  int count() {
    return events.size();
  }

  /** A wait for one vector. */
  synchronized Interrupt waitFor(int vector) {
    Wait wait = new Wait(Events.waitFor(events.get(vector)));
    waits.add(wait);
    return wait;
  }

  /** Ends everybody's wait once, because there is something else to see. */
  void raiseAll() {
    events.forEach(Events::raise);
  }

  /** Closes the events, which the device no longer raises, and the waits that are left. */
  synchronized void close() {
    List.copyOf(waits).forEach(Wait::close);
    events.forEach(Linux::close);
  }

  private synchronized void forget(Wait wait) {
    if (waits.remove(wait)) {
      Linux.close(wait.epoll);
    }
  }

  private final class Wait implements Interrupt {
    private final int epoll;
    private final MemorySegment scratch = Arena.ofAuto().allocate(SCRATCH_BYTES, Long.BYTES);

    Wait(int epoll) {
      this.epoll = epoll;
    }

    @Override
    public boolean await(long timeoutNanos) {
      return Events.await(epoll, scratch.address(), timeoutNanos);
    }

    @Override
    public void close() {
      forget(this);
    }
  }
}
