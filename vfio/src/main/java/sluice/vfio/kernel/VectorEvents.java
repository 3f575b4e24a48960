package sluice.vfio.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.vfio.Interrupt;
import sluice.vfio.linux.Events;
import sluice.vfio.linux.Linux;

/** The MSI-X vectors of a device as events, one each. Thread-safe. */
final class VectorEvents {
  private static final int SCRATCH_BYTES = 16;

  private final int[] events;

  private VectorEvents(int[] events) {
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
      int[] events = new int[wanted];
      for (int i = 0; i < wanted; i++) {
        events[i] = Events.eventfd();
      }
      VectorEvents enabled = new VectorEvents(events);
      int possible;
      try {
        possible = Vfio.setEvents(device, Interrupts.MSIX, events);
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
    return events.length;
  }

  /** A wait for one vector. */
  Interrupt waitFor(int vector) {
    return new Wait(Events.waitFor(events[vector]));
  }

  /** Ends everybody's wait once, because there is something else to see. */
  void raiseAll() {
    for (int event : events) {
      Events.raise(event);
    }
  }

  /** Closes the events; the device no longer raises them. */
  void close() {
    for (int event : events) {
      Linux.close(event);
    }
  }

  private static final class Wait implements Interrupt {
    private final int epoll;
    private final MemorySegment scratch = Arena.ofAuto().allocate(SCRATCH_BYTES, Long.BYTES);
    private boolean closed;

    Wait(int epoll) {
      this.epoll = epoll;
    }

    @Override
    public boolean await(long timeoutNanos) {
      return Events.await(epoll, scratch.address(), timeoutNanos);
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        Linux.close(epoll);
      }
    }
  }
}
