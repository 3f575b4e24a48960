package sluice.virtual.vfiouser;

import java.util.Arrays;
import sluice.support.linux.Descriptors;
import sluice.support.linux.EventRaiser;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.support.memory.OffHeap;
import sluice.vfio.abi.Interrupts;
import sluice.virtual.pci.InterruptSink;

/**
 * The events of a client by interrupt vector. An interrupt of a vector without an event is lost, as
 * one of a disabled vector is; one of a masked vector waits until it is unmasked. Used by the
 * server's thread; answers are errnos, 0 for done.
 */
final class HostInterrupts implements InterruptSink, AutoCloseable {
  private static final int NONE = -1;
  private static final int DATA =
      Interrupts.DATA_NONE | Interrupts.DATA_BOOL | Interrupts.DATA_EVENTFD;
  private static final int ACTIONS =
      Interrupts.ACTION_MASK | Interrupts.ACTION_UNMASK | Interrupts.ACTION_TRIGGER;

  private final EventRaiser raiser;
  private final int[] events;
  private final boolean[] isMasked;
  private final boolean[] isPending;

  /**
   * @param raiser of the client's events, whatever it does to them
   */
  HostInterrupts(int vectors, EventRaiser raiser) {
    this.raiser = raiser;
    events = new int[vectors];
    isMasked = new boolean[vectors];
    isPending = new boolean[vectors];
    Arrays.fill(events, NONE);
  }

  @Override
  public void raise(int vector) {
    if (isMasked[vector]) {
      isPending[vector] = true;
    } else if (events[vector] != NONE) {
      raiser.raise(events[vector]);
    }
  }

  /** How many interrupts there are of an index. */
  int count(int index) {
    return switch (index) {
      case Interrupts.MSIX -> events.length;
      // QEMU asks for it to be told of errors that this device never has.
      case Interrupts.ERROR -> 1;
      default -> 0;
    };
  }

  /** Does what a SET_IRQS asks for. */
  int set(Request request) {
    if (request.bytes() < Interrupts.SET_DATA) {
      return LinuxException.EINVAL;
    }
    long at = request.address();
    int flags = OffHeap.getInt(at + Interrupts.FLAGS);
    int data = flags & DATA;
    int action = flags & ACTIONS;
    int start = OffHeap.getInt(at + Interrupts.SET_START);
    int count = OffHeap.getInt(at + Interrupts.SET_COUNT);
    int index = OffHeap.getInt(at + Interrupts.SET_INDEX);
    boolean isMsix = index == Interrupts.MSIX;
    boolean isGood =
        (flags & ~(DATA | ACTIONS)) == 0
            && Integer.bitCount(data) == 1
            && Integer.bitCount(action) == 1
            && start >= 0
            && count >= 0
            && start <= count(index) - count
            && (data != Interrupts.DATA_BOOL || request.bytes() - Interrupts.SET_DATA >= count);
    if (!isGood) {
      return LinuxException.EINVAL;
    }
    if (data == Interrupts.DATA_EVENTFD) {
      return action == Interrupts.ACTION_TRIGGER
          ? assign(request, start, count, isMsix)
          : LinuxException.EINVAL;
    }
    if (data == Interrupts.DATA_NONE && action == Interrupts.ACTION_TRIGGER && count == 0) {
      if (isMsix) {
        close();
      }
      return 0;
    }
    for (int i = 0; i < count && isMsix; i++) {
      if (data == Interrupts.DATA_NONE || OffHeap.getByte(at + Interrupts.SET_DATA + i) != 0) {
        act(action, start + i);
      }
    }
    return 0;
  }

  private void act(int action, int vector) {
    switch (action) {
      case Interrupts.ACTION_MASK -> isMasked[vector] = true;
      case Interrupts.ACTION_UNMASK -> {
        isMasked[vector] = false;
        if (isPending[vector]) {
          isPending[vector] = false;
          raise(vector);
        }
      }
      default -> raise(vector);
    }
  }

  /**
   * Gives vectors their events: one descriptor each; none to take all away; or, as the kernel's
   * VFIO has it, a list in the message with -1 for those without, and descriptors for the others.
   * What is never raised needs none, and they are closed with the message.
   */
  private int assign(Request request, int start, int count, boolean isMsix) {
    int given = request.descriptors();
    long list = request.address() + Interrupts.SET_DATA;
    boolean hasList =
        given != count
            && given > 0
            && request.bytes() - Interrupts.SET_DATA >= (long) count * Integer.BYTES;
    int wanted = given == 0 ? 0 : count;
    for (int i = 0; hasList && i < count; i++) {
      wanted -= OffHeap.getInt(list + (long) i * Integer.BYTES) < 0 ? 1 : 0;
    }
    if (given != wanted) {
      return LinuxException.EINVAL;
    }
    for (int i = 0; i < given; i++) {
      if (!Descriptors.isEvent(request.descriptor(i))) {
        return LinuxException.EINVAL;
      }
    }
    int next = 0;
    for (int i = 0; i < count && isMsix; i++) {
      boolean isLeftOut =
          given == 0 || (hasList && OffHeap.getInt(list + (long) i * Integer.BYTES) < 0);
      replace(start + i, isLeftOut ? NONE : request.takeDescriptor(next++));
    }
    return 0;
  }

  private void replace(int vector, int event) {
    if (events[vector] != NONE) {
      Linux.close(events[vector]);
    }
    events[vector] = event;
  }

  /** Takes all events away, and unmasks. */
  @Override
  public void close() {
    for (int vector = 0; vector < events.length; vector++) {
      replace(vector, NONE);
    }
    Arrays.fill(isMasked, false);
    Arrays.fill(isPending, false);
  }
}
