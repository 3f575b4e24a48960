package sluice.virtual.pci;

import sluice.vfio.ConfigSpace;
import sluice.virtual.command.DriveSettings;

/**
 * The virtual function's configuration space (PCI Local Bus 3.0, section 6; PCI Express 3.0,
 * section 7.8): a header of type 0 with two 64-bit memory BARs, and what an operating system's
 * driver looks for. It has no legacy interrupt and no extended capabilities. Thread-safe.
 *
 * <pre>
 *  10h | BAR 0: registers and doorbells         18h | none
 *  20h | BAR 4: MSI-X table and pending bits    30h | no ROM     3Dh | no interrupt pin
 *  40h | power management 3, D0 and D3hot | 44h PMCSR
 *  50h | MSI-X: 52h message control | 54h table | 58h pending bits
 *  60h | PCI Express 2: endpoint, 64h device capabilities with FLR, 68h device control,
 *      | 6Ch link capabilities, 70h link control, 72h link status: 4 lanes of 16 GT/s
 * </pre>
 */
public final class VirtualConfigSpace implements ConfigSpace {
  /** Bytes, with the extended part. */
  public static final int BYTES = 4096;

  /** Not given to any vendor. */
  private static final int VENDOR = DriveSettings.PCI_VENDOR;

  static final int DEVICE = 0x511c;

  private static final int CACHE_LINE = 0x0c;
  private static final int BAR4 = BAR0 + 0x10;
  private static final int INTERRUPT_LINE = 0x3c;

  private static final int POWER_MANAGEMENT = 0x40;
  private static final int PMCSR = POWER_MANAGEMENT + 4;
  private static final int POWER_STATE = 3;
  private static final int D3_HOT = 3;
  private static final int NO_SOFT_RESET = 1 << 3;

  private static final int MSIX = 0x50;
  private static final int MSIX_CONTROL_WRITABLE = 0xc000;

  private static final int EXPRESS = 0x60;
  private static final int EXPRESS_VERSION = 2;
  private static final int FLR_CAPABLE = 1 << 28;
  private static final int ROLE_BASED_ERRORS = 1 << 15;
  private static final int PAYLOAD_256 = 1;
  private static final int DEVICE_CONTROL = EXPRESS + 8;
  private static final int DEVICE_CONTROL_DEFAULT = 0x2810;
  private static final int INITIATE_FLR = 1 << 15;
  private static final int LINK = 4 << 4 | 4;

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
   * @param msix what is behind BAR 4
   */
  VirtualConfigSpace(long barBytes, MsixBar msix, Listener listener) {
    this.listener = listener;
    set(VENDOR_ID, DEVICE << 16 | VENDOR, 0);
    set(
        COMMAND,
        STATUS_CAPABILITIES << 16,
        COMMAND_MEMORY | COMMAND_BUS_MASTER | COMMAND_INTX_DISABLE);
    set(REVISION, CLASS_NVME << 8, 0);
    set(CACHE_LINE, 0, 0xff);
    setBar(BAR0, barBytes);
    setBar(BAR4, msix.size());
    set(SUBSYSTEM_VENDOR_ID, DEVICE << 16 | VENDOR, 0);
    set(CAPABILITIES_POINTER, POWER_MANAGEMENT, 0);
    set(INTERRUPT_LINE, 0, 0xff);
    set(POWER_MANAGEMENT, 3 << 16 | MSIX << 8 | CAPABILITY_POWER_MANAGEMENT, 0);
    set(PMCSR, NO_SOFT_RESET, POWER_STATE);
    int control = msix.vectors() - 1;
    set(MSIX, control << 16 | EXPRESS << 8 | CAPABILITY_MSIX, MSIX_CONTROL_WRITABLE << 16);
    set(MSIX + 4, MsixBar.TABLE | MsixBar.INDEX, 0);
    set(MSIX + 8, msix.pendingBits() | MsixBar.INDEX, 0);
    set(EXPRESS, EXPRESS_VERSION << 16 | CAPABILITY_PCI_EXPRESS, 0);
    set(EXPRESS + 4, FLR_CAPABLE | ROLE_BASED_ERRORS | PAYLOAD_256, 0);
    set(DEVICE_CONTROL, DEVICE_CONTROL_DEFAULT, 0x7fff);
    set(EXPRESS + 0xc, LINK, 0);
    set(EXPRESS + 0x10, LINK << 16, 0);
  }

  private void set(int offset, int value, int writableBits) {
    words[offset / 4] = value;
    writable[offset / 4] = writableBits;
  }

  /** A BAR's address bits below its size stay 0, which tells its size when all are written. */
  private void setBar(int offset, long bytes) {
    set(offset, BAR_64_BIT, (int) -bytes);
    set(offset + 4, 0, (int) (-bytes >>> 32));
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

  /** Writes 8 bits. */
  public void write8(int offset, int value) {
    int shift = (offset & 3) * 8;
    write(offset & ~3, value << shift, 0xff << shift);
  }

  private void write(int offset, int value, int mask) {
    synchronized (this) {
      int word = word(offset);
      int bits = writable[word] & mask;
      if (offset == PMCSR && (value & POWER_STATE) != 0 && (value & POWER_STATE) != D3_HOT) {
        // D1 and D2 are not there: the state stays (PCI Power Management 1.2, section 3.2.4).
        bits &= ~POWER_STATE;
      }
      words[word] = (words[word] & ~bits) | (value & bits);
    }
    if (offset == COMMAND && (mask & COMMAND_BUS_MASTER) != 0) {
      listener.busMaster((read32(COMMAND) & COMMAND_BUS_MASTER) != 0);
    } else if (offset == DEVICE_CONTROL && (value & mask & INITIATE_FLR) != 0) {
      listener.functionLevelReset();
    }
  }

  /** As after a reset of the function; the BARs keep their addresses, which are the bus's. */
  void reset() {
    synchronized (this) {
      words[COMMAND / 4] = STATUS_CAPABILITIES << 16;
      words[PMCSR / 4] = NO_SOFT_RESET;
      words[MSIX / 4] &= ~(MSIX_CONTROL_WRITABLE << 16);
      words[DEVICE_CONTROL / 4] = DEVICE_CONTROL_DEFAULT;
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
