package sluice.qemu;

import sluice.vfio.ConfigSpace;

/**
 * A memory BAR: which, how large, and where it was put (PCI Local Bus 3.0, section 6.2.5.1).
 *
 * @param index of its (lower) register, 0 to 5
 * @param address of its first byte, a multiple of its size
 * @param size bytes, a power of two
 * @param wide whether it has 64 bits and so takes two registers
 */
record MemoryBar(int index, long address, long size, boolean wide) {
  /** Tells the function where the window is. */
  void assign(ConfigSpace config) {
    int register = ConfigSpace.BAR0 + index * 4;
    config.write32(register, (int) address);
    if (wide) {
      config.write32(register + 4, (int) (address >>> 32));
    }
  }
}
