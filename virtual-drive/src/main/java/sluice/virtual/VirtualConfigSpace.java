package sluice.virtual;

import sluice.vfio.ConfigSpace;

/**
 * The virtual function's configuration space (PCI Local Bus 3.0, section 6): a header of type 0, a
 * 64-bit memory BAR, power management and PCI Express capabilities. Thread-safe.
 *
 * <pre>
 *  40h | power management | 44h PMCSR
 *  60h | PCI Express: endpoint, 64h device capabilities with FLR, 68h device control,
 *      | 6Ch link capabilities, 70h link status: 4 lanes of 16 GT/s
 * </pre>
 */
final class VirtualConfigSpace implements ConfigSpace {
  /** Not given to any vendor. */
  static final int VENDOR = 0x1234;

  static final int DEVICE = 0x511c;

  private static final int BYTES = 4096;
  private static final int POWER_MANAGEMENT = 0x40;
  private static final int EXPRESS = 0x60;
  private static final int DEVICE_CONTROL = EXPRESS + 8;
  private static final int INITIATE_FLR = 1 << 15;
  private static final int BAR_64_BIT = 0x4;

  private final int[] words = new int[BYTES / 4];
  private final int[] writable = new int[BYTES / 4];
  private final Listener listener;
  private boolean gone;

  /** Acts on what the host writes. */
  interface Listener {
    void busMaster(boolean on);

    void functionLevelReset();
  }

  /**
   * @param barBytes size of BAR 0, a power of two
   */
  VirtualConfigSpace(long barBytes, Listener listener) {
    this.listener = listener;
    set(VENDOR_ID, DEVICE << 16 | VENDOR, 0);
    set(
        COMMAND,
        STATUS_CAPABILITIES << 16,
        COMMAND_MEMORY | COMMAND_BUS_MASTER | COMMAND_INTX_DISABLE);
    set(REVISION, CLASS_NVME << 8, 0);
    set(BAR0, BAR_64_BIT, (int) -barBytes);
    set(BAR0 + 4, 0, (int) (-barBytes >>> 32));
    set(SUBSYSTEM_VENDOR_ID, DEVICE << 16 | VENDOR, 0);
    set(CAPABILITIES_POINTER, POWER_MANAGEMENT, 0);
    set(0x3c, 0, 0xff);
    set(POWER_MANAGEMENT, 3 << 16 | EXPRESS << 8 | CAPABILITY_POWER_MANAGEMENT, 0);
    set(POWER_MANAGEMENT + 4, 1 << 3, 3);
    set(EXPRESS, 2 << 16 | CAPABILITY_PCI_EXPRESS, 0);
    set(EXPRESS + 4, 1 << 28 | 1 << 15 | 1, 0);
    set(DEVICE_CONTROL, 0x2810, 0x7fff);
    set(EXPRESS + 0xc, 4 << 4 | 4, 0);
    set(EXPRESS + 0x10, (4 << 4 | 4) << 16, 0);
  }

  private void set(int offset, int value, int writableBits) {
    words[offset / 4] = value;
    writable[offset / 4] = writableBits;
  }

  @Override
  public synchronized int read32(int offset) {
    return gone ? -1 : words[word(offset)];
  }

  @Override
  public void write32(int offset, int value) {
    write(offset, value, -1);
  }

  @Override
  public void write16(int offset, int value) {
    int shift = (offset & 2) * 8;
    write(offset & ~3, value << shift, 0xffff << shift);
  }

  private void write(int offset, int value, int mask) {
    synchronized (this) {
      int word = word(offset);
      int bits = writable[word] & mask;
      words[word] = (words[word] & ~bits) | (value & bits);
    }
    if (offset == COMMAND) {
      listener.busMaster((read32(COMMAND) & COMMAND_BUS_MASTER) != 0);
    } else if (offset == DEVICE_CONTROL && (value & mask & INITIATE_FLR) != 0) {
      listener.functionLevelReset();
    }
  }

  /** As after a reset of the function; the BAR keeps its address, which is the bus's. */
  void reset() {
    synchronized (this) {
      words[COMMAND / 4] = STATUS_CAPABILITIES << 16;
      words[DEVICE_CONTROL / 4] = 0x2810;
    }
    listener.busMaster(false);
  }

  synchronized void gone() {
    gone = true;
  }

  private static int word(int offset) {
    if (offset < 0 || offset >= BYTES || (offset & 3) != 0) {
      throw new IllegalArgumentException(
          String.format("no 32 bits of configuration space at 0x%x", offset));
    }
    return offset / 4;
  }
}
