package sluice.qemu;

import java.util.ArrayList;
import java.util.List;
import sluice.vfio.ConfigSpace;
import sluice.vfio.PciAddress;

/**
 * Sets up a PCI bus as firmware does: finds every function, numbers the buses behind bridges, sizes
 * the memory BARs and gives them addresses. I/O BARs stay unassigned: nothing here uses them.
 *
 * <p>Not thread-safe. {@link #enumerate} may be called again after a function was plugged.
 */
final class PciBus {
  /** Between the machine's memory (at most 2 GiB) and its interrupt controllers. */
  private static final long WINDOW_START = 0xc000_0000L;

  private static final long WINDOW_END = 0xfec0_0000L;

  private static final int HEADER_TYPE = 0x0e;
  private static final int HEADER_MULTIFUNCTION = 0x80;
  private static final int HEADER_BRIDGE = 0x01;

  /** Of a bridge (PCI-to-PCI Bridge 1.2, section 3.2). */
  private static final int BUS_NUMBERS = 0x18;

  private static final int MEMORY_WINDOW = 0x20;
  private static final int PREFETCHABLE_WINDOW = 0x24;
  private static final int CLOSED_WINDOW = 0x0000_fff0;
  private static final long BRIDGE_UNIT = 1 << 20;

  private static final int BAR_IO = 1;
  private static final int BAR_TYPE = 3 << 1;
  private static final int BAR_TYPE_64 = 2 << 1;
  private static final int BAR_FLAGS = 0xf;

  private final ConfigPorts ports;
  private final List<PciNode> found = new ArrayList<>();
  private long cursor;
  private int lastBus;

  PciBus(ConfigPorts ports) {
    this.ports = ports;
  }

  /**
   * Sets up the bus from scratch. All functions answer memory accesses afterwards; bus mastering is
   * off, except through bridges.
   */
  List<PciNode> enumerate() {
    found.clear();
    cursor = WINDOW_START;
    lastBus = 0;
    scan(0);
    return List.copyOf(found);
  }

  private void scan(int bus) {
    for (int device = 0; device < 32; device++) {
      int functions = 1;
      for (int function = 0; function < functions; function++) {
        PciAddress address = new PciAddress(0, bus, device, function);
        ConfigSpace config = ports.space(address);
        if (!config.isPresent()) {
          continue;
        }
        int header = config.read8(HEADER_TYPE);
        if ((header & HEADER_MULTIFUNCTION) != 0) {
          functions = 8;
        }
        boolean bridge = (header & ~HEADER_MULTIFUNCTION) == HEADER_BRIDGE;
        // While a BAR is sized its address is nonsense: nothing may decode it.
        config.write16(ConfigSpace.COMMAND, 0);
        List<MemoryBar> bars = assignBars(address, config, bridge ? 2 : 6);
        found.add(
            new PciNode(
                address,
                config,
                config.read16(ConfigSpace.VENDOR_ID),
                config.read16(ConfigSpace.DEVICE_ID),
                config.classCode(),
                bars));
        int command = ConfigSpace.COMMAND_MEMORY;
        if (bridge) {
          openBridge(bus, config);
          command |= ConfigSpace.COMMAND_BUS_MASTER;
        }
        config.write16(ConfigSpace.COMMAND, command);
      }
    }
  }

  private void openBridge(int bus, ConfigSpace config) {
    int secondary = ++lastBus;
    // Every bus number passes downwards until it is known how many there are.
    config.write32(BUS_NUMBERS, 0xff << 16 | secondary << 8 | bus);
    long start = alignUp(cursor, BRIDGE_UNIT);
    cursor = start;
    scan(secondary);
    cursor = alignUp(cursor, BRIDGE_UNIT);
    config.write32(BUS_NUMBERS, lastBus << 16 | secondary << 8 | bus);
    long last = cursor - 1;
    config.write32(
        MEMORY_WINDOW,
        cursor == start
            ? CLOSED_WINDOW
            : (int) (last & 0xfff0_0000L) | (int) (start >>> 16 & 0xfff0));
    config.write32(PREFETCHABLE_WINDOW, CLOSED_WINDOW);
  }

  private List<MemoryBar> assignBars(PciAddress address, ConfigSpace config, int registers) {
    List<MemoryBar> bars = new ArrayList<>();
    for (int index = 0; index < registers; index++) {
      int register = ConfigSpace.BAR0 + index * 4;
      int low = writable(config, register);
      if ((low & BAR_IO) != 0 || low == 0) {
        continue;
      }
      boolean wide = (low & BAR_TYPE) == BAR_TYPE_64;
      long high = wide ? Integer.toUnsignedLong(writable(config, register + 4)) : 0xffff_ffffL;
      long size = -(high << 32 | Integer.toUnsignedLong(low & ~BAR_FLAGS));
      long start = alignUp(cursor, size);
      if (size > WINDOW_END - start) {
        throw new QemuException(
            "no room for BAR" + index + " of " + address + ", " + size + " bytes");
      }
      MemoryBar bar = new MemoryBar(index, start, size, wide);
      bar.assign(config);
      bars.add(bar);
      cursor = start + size;
      if (wide) {
        index++;
      }
    }
    return bars;
  }

  /** Which bits of a register can be set: the rest tells size and kind. */
  private static int writable(ConfigSpace config, int register) {
    config.write32(register, -1);
    return config.read32(register);
  }

  private static long alignUp(long value, long unit) {
    return (value + unit - 1) & -unit;
  }
}
