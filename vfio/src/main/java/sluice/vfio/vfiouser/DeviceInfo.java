package sluice.vfio.vfiouser;

import sluice.support.memory.OffHeap;

/**
 * What a device has ({@link Command#DEVICE_GET_INFO}); the request is of the same form.
 *
 * <pre>
 *  0x00 |  argsz                     | 0x04 |  flags: 0 can be reset, 1 is a PCI device |
 *  0x08 |  how many regions          | 0x0c |  how many kinds of interrupts             |
 * </pre>
 */
public final class DeviceInfo {
  public static final int BYTES = 0x10;
  public static final int FLAG_RESET = 1 << 0;
  public static final int FLAG_PCI = 1 << 1;

  /** A PCI device: six BARs, expansion ROM, configuration space, VGA. */
  public static final int REGIONS = 9;

  public static final int CONFIG_REGION = 7;

  /** A PCI device: INTx, MSI, MSI-X, error, request. */
  public static final int INTERRUPTS = 5;

  private DeviceInfo() {}

  public static void write(long address, int flags, int regions, int interrupts) {
    OffHeap.putInt(address, BYTES);
    OffHeap.putInt(address + 0x4, flags);
    OffHeap.putInt(address + 0x8, regions);
    OffHeap.putInt(address + 0xc, interrupts);
  }

  /** How many bytes the answer may have, as asked for. */
  public static int argsz(long address) {
    return OffHeap.getInt(address);
  }

  public static int flags(long address) {
    return OffHeap.getInt(address + 0x4);
  }

  public static int regions(long address) {
    return OffHeap.getInt(address + 0x8);
  }

  public static int interrupts(long address) {
    return OffHeap.getInt(address + 0xc);
  }
}
