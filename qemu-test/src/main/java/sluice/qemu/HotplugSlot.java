package sluice.qemu;

import sluice.vfio.ConfigSpace;

/**
 * The slot of a PCI Express port, worked as an operating system's hot-plug driver does (PCI Express
 * Base 4.0, sections 6.7 and 7.5.3.10). QEMU plugs and unplugs only when the slot's owner agrees.
 */
final class HotplugSlot {
  private static final int SLOT_CONTROL = 0x18;
  private static final int INDICATOR_ON = 1 << 8;
  private static final int INDICATOR_OFF = 3 << 8;
  private static final int POWER_OFF = 1 << 10;

  private final ConfigSpace config;
  private final int control;

  /**
   * @param port the port that the slot is behind
   */
  HotplugSlot(PciNode port) {
    config = port.config();
    control =
        SLOT_CONTROL
            + config
                .capability(ConfigSpace.CAPABILITY_PCI_EXPRESS)
                .orElseThrow(() -> new QemuException(port.address() + " is no PCI Express port"));
  }

  /** Lets go what is in the slot. */
  void powerOff() {
    config.write16(control, POWER_OFF | INDICATOR_OFF);
  }

  /** Takes what was put into the slot. */
  void powerOn() {
    config.write16(control, INDICATOR_ON);
  }
}
