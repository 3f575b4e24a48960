package sluice.cli;

import java.util.List;
import picocli.CommandLine.Parameters;
import sluice.vfio.ConfigSpace;
import sluice.vfio.PciAddress;
import sluice.vfio.discovery.BlockDevice;
import sluice.vfio.discovery.Host;
import sluice.vfio.discovery.KernelDrive;
import sluice.vfio.discovery.PciDevice;

/** The PCI function that a command is about. */
final class FunctionArgument {
  private static final String SCHEME = "pci:";
  private static final String DIRECTORY = "/dev/";

  @Parameters(
      index = "0",
      paramLabel = "ADDRESS",
      description = "The drive's PCI address, as 0000:01:00.0, or the kernel's name, as nvme0.")
  private String text;

  /**
   * The NVMe drive that was meant.
   *
   * @throws IllegalArgumentException if there is none
   */
  PciDevice drive() {
    Host host = Host.local();
    String name = text.startsWith(SCHEME) ? text.substring(SCHEME.length()) : text;
    if (PciAddress.isAddress(name)) {
      return requireNvme(
          PciDevice.find(host, PciAddress.parse(name))
              .orElseThrow(
                  () -> new IllegalArgumentException("there is no PCI function " + name + hint())));
    }
    String kernelName = name.startsWith(DIRECTORY) ? name.substring(DIRECTORY.length()) : name;
    return PciDevice.ofClass(host, ConfigSpace.CLASS_NVME).stream()
        .filter(device -> KernelDrive.of(device).filter(d -> isNamed(d, kernelName)).isPresent())
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no drive " + text + hint()));
  }

  private static String hint() {
    return "; see sluice list";
  }

  private static boolean isNamed(KernelDrive drive, String name) {
    List<String> disks = drive.disks().stream().map(BlockDevice::name).toList();
    return drive.name().equals(name) || disks.contains(name);
  }

  private static PciDevice requireNvme(PciDevice device) {
    if (device.classCode() != ConfigSpace.CLASS_NVME) {
      throw new IllegalArgumentException(
          String.format("%s is no NVMe drive: its class is %06x", device, device.classCode()));
    }
    return device;
  }
}
