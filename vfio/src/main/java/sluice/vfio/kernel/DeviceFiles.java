package sluice.vfio.kernel;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.vfio.discovery.PciDevice;
import sluice.vfio.takeover.VfioFiles;

/** Opens the files of VFIO, and says what to do when one cannot be opened. */
final class DeviceFiles {
  private static final int NONE = -1;

  private DeviceFiles() {}

  /**
   * @throws VfioException if it cannot be opened
   */
  static int open(Path file) {
    try {
      return Linux.open(file.toString(), Linux.O_RDWR);
    } catch (LinuxException e) {
      throw new VfioException(why(file, e.errno()), e);
    }
  }

  private static String why(Path file, int errno) {
    return switch (errno) {
      case LinuxException.ENOENT ->
          file + " does not exist: load VFIO with 'modprobe vfio-pci' and bind the function to it";
      case LinuxException.EACCES ->
          "no permission for "
              + file
              + ": run as root, or give the file to this user with 'chown "
              + System.getProperty("user.name")
              + " "
              + file
              + "'";
      case LinuxException.EPERM ->
          "the kernel does not let an unprivileged process have " + file + ": run as root";
      case LinuxException.EBUSY -> file + " is in use by another process";
      case LinuxException.ENODEV -> "the device of " + file + " is gone";
      default -> "cannot open " + file;
    };
  }

  /** Why the kernel does not let this process have a function, though its files can be opened. */
  static String refusal(PciDevice function) {
    String self = ProcessHandle.current().pid() + " ";
    List<String> users =
        new VfioFiles(function).users().stream().filter(user -> !user.startsWith(self)).toList();
    if (!users.isEmpty()) {
      return "it is in use by another process: " + String.join(", ", users);
    }
    String others =
        function.groupNeighbours().stream()
            .filter(PciDevice::hindersGroup)
            .map(neighbour -> neighbour + " (" + neighbour.driver().orElse("") + ")")
            .collect(Collectors.joining(", "));
    return others.isEmpty()
        ? "the kernel refuses it an IOMMU; its log (dmesg) says why"
        : "its IOMMU group cannot be taken while others use it: " + others;
  }

  /** Closes a descriptor unless there is none; returns none. */
  static int close(int fd) {
    if (fd != NONE) {
      Linux.close(fd);
    }
    return NONE;
  }
}
