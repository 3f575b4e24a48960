package sluice.vfio.takeover;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.vfio.discovery.BlockDevice;
import sluice.vfio.discovery.DiskSignatures;
import sluice.vfio.discovery.Host;
import sluice.vfio.discovery.KernelDrive;
import sluice.vfio.discovery.PciDevice;

/**
 * Looks for everything that a function is used for, so that it is not pulled away from under its
 * users: mounts in any mount namespace, swap, devices made from its disks, exports, open files, and
 * its neighbours in the IOMMU group, which are taken with it. And for the data on its disks.
 *
 * <p>Without root, other users' processes and the disks' contents stay hidden.
 */
public final class Obstacles {
  private static final String NVMET = "sys/kernel/config/nvmet/subsystems";

  private final Host host;
  private final PciDevice function;
  private final List<Mount> mounts;
  private final OpenFiles openFiles;
  private final Set<Obstacle> found = new LinkedHashSet<>();

  private Obstacles(PciDevice function) {
    this.host = function.host();
    this.function = function;
    this.mounts = Mount.all(host);
    this.openFiles = new OpenFiles(host);
  }

  /** All that is in the way of taking a function, the most telling first; none when it is free. */
  public static List<Obstacle> of(PciDevice function) {
    return new Obstacles(function).look();
  }

  private List<Obstacle> look() {
    function
        .vmd()
        .ifPresent(vmd ->
            found.add(
                Obstacle.inUse(
                    function
                        + " is behind Intel VMD "
                        + vmd
                        + ", which VFIO cannot hand out one drive of; switch VMD off in the"
                        + " firmware")));
    Set<BlockDevice> disks = new LinkedHashSet<>(BlockDevice.behind(function));
    List<PciDevice> ports = KernelDrive.otherPorts(function);
    // What one port of a drive shows the others show too, under names of their own.
    ports.forEach(port -> disks.addAll(BlockDevice.behind(port)));
    for (BlockDevice disk : disks) {
      for (BlockDevice device : disk.withPartitions()) {
        lookAtMounts(device);
        lookAtSwap(device);
        lookAtHolders(device);
        lookAtExports(device);
        lookAtUsers(device);
      }
      lookAtClaims(disk);
    }
    lookAtController();
    lookAtOwner();
    lookAtNeighbours();
    for (BlockDevice disk : disks) {
      lookAtData(disk);
    }
    for (PciDevice port : ports) {
      found.add(
          Obstacle.note(
              port
                  + ", held by "
                  + port.driver().orElse("no driver")
                  + ", is another port of the same drive"));
    }
    return List.copyOf(found);
  }

  private void lookAtMounts(BlockDevice device) {
    Set<String> points = new LinkedHashSet<>();
    for (Mount mount : mounts) {
      if (mount.isOf(device) && points.add(mount.point())) {
        found.add(Obstacle.inUse(describe(device, mount)));
      }
    }
    for (Path fileSystem : Host.entries(host.path("sys/fs/btrfs"))) {
      if (points.isEmpty() && Files.exists(fileSystem.resolve("devices").resolve(device.name()))) {
        found.add(
            Obstacle.inUse(device.file() + " is part of a Btrfs file system that is mounted"));
      }
    }
  }

  private String describe(BlockDevice device, Mount mount) {
    String text = device.file() + " is mounted on " + mount.point();
    if (mount.point().equals("/")) {
      text += ", as the root of process " + mount.process();
    } else if (!isOurs(mount)) {
      text += ", as process " + mount.process() + " sees it";
    }
    return text;
  }

  private boolean isOurs(Mount mount) {
    return Host.lines(host.path("proc/self/mountinfo")).stream()
        .anyMatch(line -> line.contains(" " + mount.number() + " "));
  }

  private void lookAtSwap(BlockDevice device) {
    for (String line : Host.lines(host.path("proc/swaps"))) {
      if (device.file().equals(host.realPath(Mount.unescape(line.split("\\s", 2)[0])))) {
        found.add(Obstacle.inUse(device.file() + " is swap space in use"));
      }
    }
  }

  private void lookAtHolders(BlockDevice device) {
    for (String holder : device.holders()) {
      found.add(Obstacle.inUse(device.file() + " is part of " + describeHolder(holder)));
    }
  }

  private String describeHolder(String holder) {
    Path mapped = host.path("sys/class/block").resolve(holder).resolve("dm");
    String name = holder + Host.text(mapped.resolve("name")).map(n -> " (" + n + ")").orElse("");
    String uuid = Host.text(mapped.resolve("uuid")).orElse("");
    if (uuid.startsWith("LVM-")) {
      return "the logical volume " + name;
    }
    if (uuid.startsWith("CRYPT-")) {
      return "the encrypted volume " + name;
    }
    if (holder.startsWith("dm-")) {
      return "the device mapper's " + name;
    }
    return holder.startsWith("md") ? "the RAID " + name : "the device " + name;
  }

  private void lookAtExports(BlockDevice device) {
    for (Path subsystem : Host.entries(host.path(NVMET))) {
      for (Path namespace : Host.entries(subsystem.resolve("namespaces"))) {
        if (isPathOf(device, namespace.resolve("device_path"))) {
          found.add(
              Obstacle.inUse(
                  device.file() + " is exported over NVMe-oF as " + Host.name(subsystem)));
        }
      }
    }
    for (Path backends : Host.entries(host.path("sys/kernel/config/target/core"))) {
      for (Path backend : Host.entries(backends)) {
        if (isPathOf(device, backend.resolve("udev_path"))) {
          found.add(
              Obstacle.inUse(device.file() + " is exported over SCSI as " + Host.name(backend)));
        }
      }
    }
    for (Path disk : Host.entries(host.path("sys/block"))) {
      if (isPathOf(device, disk.resolve("loop/backing_file"))) {
        found.add(Obstacle.inUse(device.file() + " is behind the loop device " + Host.name(disk)));
      }
    }
  }

  /** Whether an attribute names it, by whichever of its names. */
  private boolean isPathOf(BlockDevice device, Path attribute) {
    return isPathOf(device.file(), attribute);
  }

  private boolean isPathOf(String file, Path attribute) {
    return Host.text(attribute).map(host::realPath).filter(file::equals).isPresent();
  }

  private void lookAtUsers(BlockDevice device) {
    List<String> users = openFiles.users(device.files());
    if (!users.isEmpty()) {
      found.add(Obstacle.inUse(device.file() + " is open in process " + String.join(", ", users)));
    }
  }

  /** What claims a disk or a partition of it for itself, and has not shown in any other way. */
  private void lookAtClaims(BlockDevice disk) {
    if (found.stream().anyMatch(obstacle -> obstacle.reason().startsWith(disk.file()))) {
      return;
    }
    for (BlockDevice device : disk.withPartitions()) {
      if (isHeld(device)) {
        found.add(
            Obstacle.inUse(device.file() + " is held by something for itself alone (O_EXCL)"));
      }
    }
  }

  /** Whether the kernel, or a process, has claimed it: ZFS, bcache, a RAID without a holder. */
  private boolean isHeld(BlockDevice device) {
    try {
      String file = host.path("dev").resolve(device.name()).toString();
      Linux.close(Linux.open(file, Linux.O_RDONLY | Linux.O_EXCL));
      return false;
    } catch (LinuxException e) {
      return e.errno() == LinuxException.EBUSY;
    }
  }

  /** Admin commands go through the controller's file, and it can be exported as a whole. */
  private void lookAtController() {
    KernelDrive.of(function)
        .ifPresent(drive -> {
          String file = "/dev/" + drive.name();
          List<String> users = openFiles.users(List.of(file));
          if (!users.isEmpty()) {
            found.add(Obstacle.inUse(file + " is open in process " + String.join(", ", users)));
          }
          for (Path subsystem : Host.entries(host.path(NVMET))) {
            if (isPathOf(file, subsystem.resolve("passthru/device_path"))) {
              found.add(
                  Obstacle.inUse(file + " is exported over NVMe-oF as " + Host.name(subsystem)));
            }
          }
        });
  }

  /** Who has it through VFIO already. */
  private void lookAtOwner() {
    List<String> users = vfioUsers(function);
    if (!users.isEmpty()) {
      found.add(Obstacle.inUse(function + " is open in process " + String.join(", ", users)));
    }
  }

  private List<String> vfioUsers(PciDevice device) {
    return device.driver().equals(Optional.of(PciDevice.VFIO_PCI))
        ? new VfioFiles(device).users(openFiles)
        : List.of();
  }

  private void lookAtNeighbours() {
    for (PciDevice neighbour : function.groupNeighbours()) {
      if (neighbour.hindersGroup() && !function.vmd().equals(Optional.of(neighbour))) {
        found.add(
            Obstacle.inUse(
                neighbour
                    + ", which shares its IOMMU group, is held by the driver "
                    + neighbour.driver().orElse("")
                    + ", and both can only be taken together"));
      }
      List<String> users = vfioUsers(neighbour);
      if (!users.isEmpty() && vfioUsers(function).isEmpty()) {
        found.add(
            Obstacle.inUse(
                neighbour
                    + ", which shares its IOMMU group, is in use by process "
                    + String.join(", ", users)));
      }
    }
  }

  private void lookAtData(BlockDevice disk) {
    if (!disk.partitions().isEmpty()) {
      found.add(
          Obstacle.data(
              disk.file() + " has partitions (" + disk.partitions().getFirst().name() + ", …)"));
      return;
    }
    try {
      DiskSignatures.Found held = DiskSignatures.find(host.path("dev").resolve(disk.name()));
      held.data().forEach(what -> found.add(Obstacle.data(disk.file() + " holds " + what)));
      if (held.isRecorders()) {
        found.add(Obstacle.note(disk.file() + " holds recordings, or is made for them"));
      }
    } catch (IOException e) {
      found.add(
          Obstacle.data(
              disk.file() + " cannot be read to see whether it holds data: " + e.getMessage()));
    }
  }
}
