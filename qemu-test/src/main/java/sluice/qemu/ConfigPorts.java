package sluice.qemu;

import sluice.vfio.ConfigSpace;
import sluice.vfio.PciAddress;

/**
 * Configuration space through two I/O ports (PCI Local Bus 3.0, section 3.2.2.3.2), one access at a
 * time. Reaches the first 256 bytes of a function's space; the extended space is not there.
 *
 * <pre>
 *         31 30      24 23   16 15    11 10       8 7          2 1 0
 *  0xcf8 | 1 |    0    |  bus  | device | function | doubleword | 0 |
 *  0xcfc |                       the doubleword                     |
 * </pre>
 */
final class ConfigPorts {
  private static final int ADDRESS = 0xcf8;
  private static final int DATA = 0xcfc;
  private static final int ENABLE = 1 << 31;
  private static final int SIZE = 256;

  private final QtestSocket socket;

  ConfigPorts(QtestSocket socket) {
    this.socket = socket;
  }

  /** A function's space; one that is not there reads all ones. */
  ConfigSpace space(PciAddress function) {
    return new Space(function);
  }

  private synchronized int read32(int base, int offset) {
    socket.outl(ADDRESS, base | offset);
    return socket.inl(DATA);
  }

  private synchronized void write32(int base, int offset, int value) {
    socket.outl(ADDRESS, base | offset);
    socket.outl(DATA, value);
  }

  private synchronized void write16(int base, int offset, int value) {
    socket.outl(ADDRESS, base | (offset & ~3));
    socket.outw(DATA + (offset & 2), value);
  }

  private final class Space implements ConfigSpace {
    private final int base;

    Space(PciAddress function) {
      base = ENABLE | function.bus() << 16 | function.device() << 11 | function.function() << 8;
    }

    @Override
    public int read32(int offset) {
      check(offset, Integer.BYTES);
      return ConfigPorts.this.read32(base, offset);
    }

    @Override
    public void write32(int offset, int value) {
      check(offset, Integer.BYTES);
      ConfigPorts.this.write32(base, offset, value);
    }

    @Override
    public void write16(int offset, int value) {
      check(offset, Short.BYTES);
      ConfigPorts.this.write16(base, offset, value);
    }

    private void check(int offset, int width) {
      if (offset < 0 || offset > SIZE - width || offset % width != 0) {
        throw new IllegalArgumentException(
            String.format("no %d bytes of configuration space at offset 0x%x", width, offset));
      }
    }
  }
}
