package sluice.vfio.takeover;

import java.util.ArrayList;
import java.util.List;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.vfio.discovery.BlockDevice;
import sluice.vfio.discovery.PciDevice;

/**
 * A function's disks, opened for this process alone, as a mount, swap or a device made of disks
 * would: while they are held, none of those can take one into use. So nothing comes between the
 * last look at what uses a drive and the moment when its driver lets go of it.
 */
final class DiskClaims implements AutoCloseable {
  private final List<Integer> descriptors = new ArrayList<>();

  /**
   * @throws BindingException if something has one of them; none is held then
   */
  DiskClaims(PciDevice function) {
    for (BlockDevice disk : BlockDevice.behind(function)) {
      String file = function.host().path("dev").resolve(disk.name()).toString();
      try {
        descriptors.add(Linux.open(file, Linux.O_RDONLY | Linux.O_EXCL));
      } catch (LinuxException e) {
        if (e.errno() == LinuxException.EBUSY) {
          close();
          throw new BindingException(disk.file() + " has just been taken into use", e);
        }
        // What this process cannot open, it cannot have looked at either: that was for its user
        // to decide.
      }
    }
  }

  @Override
  public void close() {
    descriptors.forEach(Linux::close);
    descriptors.clear();
  }
}
