package sluice.qemu;

import java.util.List;
import java.util.Optional;
import sluice.vfio.ConfigSpace;
import sluice.vfio.PciAddress;

/**
 * A function found on the bus, with its memory BARs assigned.
 *
 * @param address where it is
 * @param config its configuration space
 * @param vendorId who made it
 * @param deviceId which device of the vendor's
 * @param classCode base class, subclass and programming interface in 24 bits
 * @param bars its memory BARs in ascending order
 */
record PciNode(
    PciAddress address,
    ConfigSpace config,
    int vendorId,
    int deviceId,
    int classCode,
    List<MemoryBar> bars) {

  Optional<MemoryBar> bar(int index) {
    return bars.stream().filter(bar -> bar.index() == index).findFirst();
  }
}
