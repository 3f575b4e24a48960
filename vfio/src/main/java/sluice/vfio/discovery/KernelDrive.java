package sluice.vfio.discovery;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the kernel's own NVMe driver says of a drive that it holds.
 *
 * @param name the kernel's name of the controller: {@code nvme0}
 * @param model as the drive tells it
 * @param serial as the drive tells it
 * @param disks its namespaces
 */
public record KernelDrive(String name, String model, String serial, List<BlockDevice> disks) {
  /** The drive of a function; empty when the kernel's driver does not hold it. */
  public static Optional<KernelDrive> of(PciDevice function) {
    for (Path controller : Host.entries(function.path().resolve("nvme"))) {
      return Optional.of(
          new KernelDrive(
              Host.name(controller),
              Host.text(controller.resolve("model")).orElse(""),
              Host.text(controller.resolve("serial")).orElse(""),
              BlockDevice.behind(function)));
    }
    return Optional.empty();
  }

  /** Bytes of all namespaces. */
  public long bytes() {
    return disks.stream().mapToLong(BlockDevice::bytes).sum();
  }
}
