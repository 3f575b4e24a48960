package sluice.vfio.kernel;

import java.nio.file.Files;
import java.nio.file.Path;
import sluice.vfio.discovery.Host;
import sluice.vfio.discovery.PciDevice;
import sluice.vfio.takeover.DirectDma;
import sluice.vfio.takeover.IommuAdvice;

/** By which of VFIO's ways a function is opened: as asked for, and as the system has them. */
final class AccessChoice {
  private AccessChoice() {}

  /**
   * Opens a function.
   *
   * @throws VfioException if it cannot be had; the message says why, and what to do
   */
  static Access open(PciDevice device, IommuChoice choice) {
    requireVfioDriver(device);
    if (choice == IommuChoice.UNSAFE) {
      return openWithoutIommu(device);
    }
    if (device.iommuGroup().isEmpty()) {
      throw new VfioException("nothing translates its addresses: " + IommuAdvice.of(Host.local()));
    }
    if (device.isGroupWithoutIommu()) {
      throw new VfioException(
          "nothing translates its addresses, so it could write anywhere in memory; to have it"
              + " nevertheless, add ?iommu=unsafe to its address");
    }
    return switch (choice) {
      case IOMMUFD -> FileAccess.open(device);
      case TYPE1 -> GroupAccess.open(device, choice);
      default ->
          isUsableFile(device) || isOnlyFile(device)
              ? FileAccess.open(device)
              : GroupAccess.open(device, IommuChoice.TYPE1);
    };
  }

  private static Access openWithoutIommu(PciDevice device) {
    if (device.iommuGroup().isEmpty()) {
      throw new VfioException(
          "VFIO hands out nothing without an IOMMU until it is told to: 'echo Y >"
              + " /sys/module/vfio/parameters/enable_unsafe_noiommu_mode' as root, and bind it"
              + " anew");
    }
    if (!device.isGroupWithoutIommu()) {
      throw new VfioException(
          "an IOMMU translates its addresses: leave ?iommu=unsafe out of its address");
    }
    DirectDma.refusal(device)
        .ifPresent(reason -> {
          throw new VfioException("it " + reason);
        });
    return GroupAccess.open(device, IommuChoice.UNSAFE);
  }

  private static void requireVfioDriver(PciDevice device) {
    String driver = device.driver().orElse("");
    if (!driver.equals(PciDevice.VFIO_PCI)) {
      throw new VfioException(
          (driver.isEmpty() ? "no driver holds it" : "the kernel's driver " + driver + " holds it")
              + "; hand it over with 'sluice bind "
              + device.address()
              + "' as root");
    }
  }

  private static boolean isUsableFile(PciDevice device) {
    return device.vfioFile().map(FileAccess::fileOf).filter(AccessChoice::isUsable).isPresent()
        && isUsable(FileAccess.IOMMU);
  }

  /** Whether the kernel has functions as files and no containers any more. */
  private static boolean isOnlyFile(PciDevice device) {
    return device.vfioFile().isPresent()
        && Files.exists(FileAccess.IOMMU)
        && !Files.exists(GroupAccess.CONTAINER);
  }

  private static boolean isUsable(Path file) {
    return Files.isReadable(file) && Files.isWritable(file);
  }
}
