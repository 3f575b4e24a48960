package sluice.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The NVMe controllers on this machine's PCI buses, as the kernel's sysfs tells of them. */
final class SysfsDrives {
  /** PCI class code of an NVM Express I/O controller: mass storage, non-volatile, NVMe. */
  private static final String NVME_CLASS = "0x010802";

  private static final int SECTOR = 512;

  /**
   * A controller.
   *
   * @param pci its PCI address
   * @param driver the kernel driver that holds it; empty for none
   * @param device the kernel's name for it, {@code nvme0}; empty when another driver holds it
   * @param model as the drive tells it; empty when the kernel has not asked
   * @param bytes of all its namespaces
   */
  record Drive(String pci, String driver, String device, String model, long bytes) {}

  private final Path devices;

  /**
   * @param sysfs {@code /sys}
   */
  SysfsDrives(Path sysfs) {
    this.devices = sysfs.resolve("bus/pci/devices");
  }

  List<Drive> list() {
    List<Drive> drives = new ArrayList<>();
    for (Path function : entries(devices, "*")) {
      if (text(function.resolve("class")).equals(NVME_CLASS)) {
        drives.add(drive(function));
      }
    }
    drives.sort(Comparator.comparing(Drive::pci));
    return drives;
  }

  private static Drive drive(Path function) {
    String device = "";
    String model = "";
    long bytes = 0;
    for (Path controller : entries(function.resolve("nvme"), "nvme*")) {
      device = name(controller);
      model = text(controller.resolve("model"));
      // With native multipath a namespace's node has the controller's number in it: nvme0c0n1.
      for (Path namespace : entries(controller, "nvme*n*")) {
        String sectors = text(namespace.resolve("size"));
        bytes += sectors.isEmpty() ? 0 : Long.parseLong(sectors) * SECTOR;
      }
    }
    return new Drive(name(function), driver(function), device, model, bytes);
  }

  private static String driver(Path function) {
    Path link = function.resolve("driver");
    try {
      return Files.isSymbolicLink(link) ? name(Files.readSymbolicLink(link)) : "";
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + link + ": " + e.getMessage(), e);
    }
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  /** The files of a directory; none when there is no such directory. */
  private static List<Path> entries(Path directory, String pattern) {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory, pattern)) {
        paths.forEach(found::add);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot list " + directory + ": " + e.getMessage(), e);
      }
    }
    return found;
  }

  /** What an attribute says; empty when it is not there, as a drive may go at any time. */
  private static String text(Path attribute) {
    try {
      return Files.readString(attribute).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
