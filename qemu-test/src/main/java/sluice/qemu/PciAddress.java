package sluice.qemu;

/**
 * Where a function is on the bus.
 *
 * @param bus 0 to 255
 * @param device 0 to 31
 * @param function 0 to 7
 */
record PciAddress(int bus, int device, int function) {
  /** As Linux writes it: {@code 0000:01:00.0}. */
  @Override
  public String toString() {
    return String.format("0000:%02x:%02x.%d", bus, device, function);
  }
}
