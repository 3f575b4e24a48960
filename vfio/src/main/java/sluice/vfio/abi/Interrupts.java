package sluice.vfio.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * How a device's interrupts are asked for and set ({@code vfio_irq_info}, {@code vfio_irq_set}).
 *
 * <pre>
 *        irq_info                     irq_set
 *  0x00 |   argsz   |                |   argsz   |
 *  0x04 |   flags: 0 eventfd |       |   flags: what data, what action |
 *  0x08 |   index   |                |   index   |
 *  0x0c |   count   |                |   start   |
 *  0x10                              |   count   |
 *  0x14                              |   one event's descriptor each … |
 * </pre>
 */
public final class Interrupts {
  /** Indexes of a PCI device's interrupts. */
  public static final int INTX = 0;

  public static final int MSI = 1;
  public static final int MSIX = 2;

  public static final int ERROR = 3;
  public static final int REQUEST = 4;

  public static final int INFO_BYTES = 0x10;
  public static final int INFO_INDEX = 0x08;

  public static final int FLAGS = 0x04;
  public static final int INFO_COUNT = 0x0c;
  public static final int FLAG_EVENTFD = 1 << 0;

  /** The number of interrupts cannot be changed after they were enabled. */
  public static final int FLAG_NORESIZE = 1 << 3;

  public static final int SET_INDEX = 0x08;
  public static final int SET_START = 0x0c;
  public static final int SET_COUNT = 0x10;
  public static final int SET_DATA = 0x14;
  public static final int DATA_NONE = 1 << 0;
  public static final int DATA_BOOL = 1 << 1;
  public static final int DATA_EVENTFD = 1 << 2;
  public static final int ACTION_MASK = 1 << 3;
  public static final int ACTION_UNMASK = 1 << 4;
  public static final int ACTION_TRIGGER = 1 << 5;

  private Interrupts() {}

  /** How many interrupts of an index can be had as events. */
  public static int eventCount(MemorySegment info) {
    boolean events = (info.get(JAVA_INT, FLAGS) & FLAG_EVENTFD) != 0;
    return events ? info.get(JAVA_INT, INFO_COUNT) : 0;
  }

  /** Raises events for the interrupts of an index from the first on. */
  public static MemorySegment setEvents(Arena arena, int index, int... eventfds) {
    int bytes = SET_DATA + eventfds.length * Integer.BYTES;
    MemorySegment set = arena.allocate(bytes, Integer.BYTES);
    set.set(JAVA_INT, 0, bytes);
    set.set(JAVA_INT, FLAGS, DATA_EVENTFD | ACTION_TRIGGER);
    set.set(JAVA_INT, SET_INDEX, index);
    set.set(JAVA_INT, SET_START, 0);
    set.set(JAVA_INT, SET_COUNT, eventfds.length);
    for (int i = 0; i < eventfds.length; i++) {
      set.set(JAVA_INT, SET_DATA + (long) i * Integer.BYTES, eventfds[i]);
    }
    return set;
  }
}
