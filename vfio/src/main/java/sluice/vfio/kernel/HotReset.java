package sluice.vfio.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import sluice.vfio.PciAddress;

/**
 * What a reset of a function's whole bus or slot would reset besides ({@code
 * vfio_pci_hot_reset_info}, {@code vfio_pci_hot_reset}).
 *
 * <pre>
 *        hot_reset_info                     hot_reset
 *  0x00 |   argsz   |                      |   argsz   |
 *  0x04 |   flags: 0 ids, 1 all owned |    |   flags   |
 *  0x08 |   count   |                      |   count   |
 *  0x0c |   8 bytes per function …  |      |   a group's descriptor each … |
 *
 *  function: | group or id, 4 bytes | domain, 2 | bus, 1 | device and function, 1 |
 * </pre>
 *
 * @param allOwned whether the kernel says that all functions belong to the asking process; known
 *     only for a device that was opened as a file
 */
record HotReset(boolean allOwned, List<Function> functions) {
  static final int HEADER_BYTES = 0x0c;
  static final int COUNT = 0x08;
  static final int FUNCTION_BYTES = 8;

  private static final int FLAGS = 0x04;
  private static final int FLAG_IDS = 1 << 0;
  private static final int FLAG_ALL_OWNED = 1 << 1;

  /**
   * @param group its IOMMU group, where the kernel says that; an id of no meaning otherwise
   */
  record Function(int group, PciAddress address) {}

  /** Reads what the kernel filled in. */
  static HotReset parse(MemorySegment info) {
    List<Function> functions = new ArrayList<>();
    int count = info.get(JAVA_INT, COUNT);
    for (int i = 0; i < count; i++) {
      long at = HEADER_BYTES + (long) i * FUNCTION_BYTES;
      int domain = Short.toUnsignedInt(info.get(JAVA_SHORT, at + 4));
      int bus = Byte.toUnsignedInt(info.get(JAVA_BYTE, at + 6));
      int devfn = Byte.toUnsignedInt(info.get(JAVA_BYTE, at + 7));
      PciAddress address = new PciAddress(domain, bus, devfn >>> 3, devfn & 7);
      functions.add(new Function(info.get(JAVA_INT, at), address));
    }
    int owned = FLAG_IDS | FLAG_ALL_OWNED;
    return new HotReset((info.get(JAVA_INT, FLAGS) & owned) == owned, List.copyOf(functions));
  }

  /** The order to do it; groups by their descriptors, none for a device that is a file. */
  static MemorySegment order(Arena arena, int... groups) {
    int bytes = HEADER_BYTES + groups.length * Integer.BYTES;
    MemorySegment order = arena.allocate(bytes, Integer.BYTES);
    order.set(JAVA_INT, 0, bytes);
    order.set(JAVA_INT, COUNT, groups.length);
    for (int i = 0; i < groups.length; i++) {
      order.set(JAVA_INT, HEADER_BYTES + (long) i * Integer.BYTES, groups[i]);
    }
    return order;
  }
}
