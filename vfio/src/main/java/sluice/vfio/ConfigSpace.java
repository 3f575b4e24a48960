package sluice.vfio;

import java.util.OptionalInt;

/**
 * A PCI function's configuration space (PCI Local Bus 3.0, section 6.1).
 *
 * <pre>
 *        31            16 15             0
 *  0x00 |   device id    |   vendor id    |
 *  0x04 |    status      |    command     |
 *  0x08 |        class code      |  rev   |
 *  0x10 |  BAR0 … BAR5 at 0x10 … 0x24     |
 *  0x2c |  subsystem id  | subsystem vend |
 *  0x34 |                  | cap. pointer |
 * </pre>
 *
 * Offsets are in bytes and aligned to the access; values are unsigned.
 */
public interface ConfigSpace {
  int VENDOR_ID = 0x00;
  int DEVICE_ID = 0x02;
  int COMMAND = 0x04;
  int STATUS = 0x06;
  int REVISION = 0x08;
  int CLASS = 0x08;
  int BAR0 = 0x10;
  int SUBSYSTEM_VENDOR_ID = 0x2c;
  int SUBSYSTEM_ID = 0x2e;
  int CAPABILITIES_POINTER = 0x34;

  int COMMAND_MEMORY = 1 << 1;
  int COMMAND_BUS_MASTER = 1 << 2;
  int COMMAND_INTX_DISABLE = 1 << 10;
  int STATUS_CAPABILITIES = 1 << 4;

  int CAPABILITY_POWER_MANAGEMENT = 0x01;
  int CAPABILITY_MSI = 0x05;
  int CAPABILITY_PCI_EXPRESS = 0x10;
  int CAPABILITY_MSIX = 0x11;

  /** The class code of an NVM Express I/O controller: mass storage, non-volatile, NVMe. */
  int CLASS_NVME = 0x010802;

  /** What 16 bits of a function that does not answer read. */
  int GONE = 0xffff;

  /** Reads 32 bits at an offset that is a multiple of 4. */
  int read32(int offset);

  /** Writes 32 bits at an offset that is a multiple of 4. */
  void write32(int offset, int value);

  /** Reads 16 bits at an even offset. */
  default int read16(int offset) {
    return (read32(offset & ~3) >>> ((offset & 2) * 8)) & 0xffff;
  }

  /** Reads 8 bits. */
  default int read8(int offset) {
    return (read32(offset & ~3) >>> ((offset & 3) * 8)) & 0xff;
  }

  /**
   * Writes 16 bits at an even offset. Not derived from {@link #write32}: writing the neighbour back
   * would clear status bits, which clear by being written as ones.
   */
  void write16(int offset, int value);

  /** Whether the function answers at all: one that is gone reads all ones. */
  default boolean isPresent() {
    return read16(VENDOR_ID) != GONE;
  }

  /** The class code: base class, subclass and programming interface in 24 bits. */
  default int classCode() {
    return read32(CLASS) >>> 8;
  }

  /**
   * Lets the function answer memory accesses and start its own, without legacy interrupts. Does
   * nothing to one that does not answer: it is gone, or not back from a reset, and what is made of
   * its ones would switch on whatever it has.
   */
  default void enableBusMaster() {
    int command = read16(COMMAND);
    if (command == GONE) {
      return;
    }
    write16(COMMAND, command | COMMAND_MEMORY | COMMAND_BUS_MASTER | COMMAND_INTX_DISABLE);
  }

  /**
   * Takes from the function what it needs to reach memory by itself.
   *
   * @return whether it cannot any more: it says so itself, or does not answer at all
   */
  default boolean disableBusMaster() {
    int command = read16(COMMAND);
    if (command == GONE) {
      return true;
    }
    write16(COMMAND, command & ~COMMAND_BUS_MASTER);
    int now = read16(COMMAND);
    return now == GONE || (now & COMMAND_BUS_MASTER) == 0;
  }

  /**
   * Finds a capability by its id.
   *
   * @return the offset of its first byte; empty when the function has none of that id
   */
  default OptionalInt capability(int id) {
    if ((read16(STATUS) & STATUS_CAPABILITIES) == 0) {
      return OptionalInt.empty();
    }
    int offset = read8(CAPABILITIES_POINTER) & ~3;
    // A list that is broken into a circle must end all the same: 48 is what fits behind the header.
    for (int seen = 0; offset >= 0x40 && seen < 48; seen++) {
      if (read8(offset) == id) {
        return OptionalInt.of(offset);
      }
      offset = read8(offset + 1) & ~3;
    }
    return OptionalInt.empty();
  }
}
