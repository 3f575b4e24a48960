package sluice.vfio;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import sluice.support.linux.Events;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;

/**
 * The interrupt vectors of a function as events (eventfd), one each, and the waits for them. Who
 * raises them, the kernel or another process, is told their descriptors. Thread-safe.
 */
public final class VectorEvents implements AutoCloseable {
  private static final int SCRATCH_BYTES = 16;

  private final int[] events;

  /** Ends all waits. Nobody else has it: who has the others can make a raise of them wait. */
  private final int all;

  private final List<Wait> waits = new ArrayList<>();
  private boolean closed;

  /**
   * Makes the events of vectors from 0 on.
   *
   * @throws LinuxException if the system has not as many; none is left over then
   */
  public VectorEvents(int vectors) {
    int[] made = new int[vectors + 1];
    int count = 0;
    try {
      while (count <= vectors) {
        made[count] = Events.eventfd();
        count++;
      }
    } catch (RuntimeException | Error e) {
      for (int i = 0; i < count; i++) {
        Linux.close(made[i]);
      }
      throw e;
    }
    this.events = Arrays.copyOf(made, vectors);
    this.all = made[vectors];
  }

  /** How many vectors there are. */
  public int count() {
    return events.length;
  }

  /** The events' descriptors, in the order of the vectors; they stay this object's. */
  public int[] descriptors() {
    return events.clone();
  }

  /**
   * A wait for one vector.
   *
   * @throws IllegalStateException if the events are closed
   */
  public synchronized Interrupt newWait(int vector) {
    if (closed) {
      throw new IllegalStateException("the interrupts are closed");
    }
    Wait wait = new Wait(Events.newWait(events[vector], all));
    waits.add(wait);
    return wait;
  }

  /**
   * Raises a vector, for a function in this process and events that no other has. Whoever raises
   * has to stop before the events are closed.
   */
  public void raise(int vector) {
    Events.raise(events[vector]);
  }

  /** Ends everybody's wait once, because there is something else to see. */
  public synchronized void raiseAll() {
    if (closed) {
      return;
    }
    Events.raise(all);
  }

  /** Closes the events, which nobody raises any more, and the waits that are left. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    List.copyOf(waits).forEach(Wait::close);
    for (int event : events) {
      Linux.close(event);
    }
    Linux.close(all);
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
