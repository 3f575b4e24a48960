package sluice.vfio.discovery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import sluice.vfio.PciAddress;

/** A machine of files: sysfs and procfs as far as a test writes them. */
public final class FakeHost {
  private final Path root;
  public final Host host;
  private int numbers;

  public FakeHost(Path root) {
    this.root = root;
    this.host = new Host(root);
    directory("sys/bus/pci/devices");
    directory("sys/bus/pci/drivers");
    directory("sys/block");
    directory("sys/class/block");
    directory("proc");
    directory("dev");
  }

  public Path path(String path) {
    return root.resolve(path);
  }

  public Path directory(String path) {
    try {
      return Files.createDirectories(root.resolve(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public FakeHost file(String path, String text) {
    directory(Paths.get(path).getParent().toString());
    try {
      Files.writeString(root.resolve(path), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  public FakeHost link(String path, String target) {
    directory(Paths.get(path).getParent().toString());
    try {
      Files.deleteIfExists(root.resolve(path));
      Files.createSymbolicLink(root.resolve(path), Path.of(target));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  private static String device(String address) {
    return "sys/devices/pci0000:00/" + address;
  }

  /** A function, without a driver and without a group. */
  public PciDevice function(String address, String classCode) {
    directory(device(address));
    link("sys/bus/pci/devices/" + address, "../../../devices/pci0000:00/" + address);
    attribute(address, "class", classCode);
    attribute(address, "vendor", "0x1b36");
    attribute(address, "device", "0x0010");
    attribute(address, "driver_override", "(null)");
    return PciDevice.find(host, PciAddress.parse(address)).orElseThrow();
  }

  public PciDevice drive(String address) {
    return function(address, "0x010802");
  }

  /** A drive behind an Intel VMD, in whose group it is; returns the VMD. */
  public PciDevice behindVmd(String vmd, String drive) {
    PciDevice controller = function(vmd, "0x010400");
    driver(vmd, "vmd").group(17, vmd);
    String path = device(vmd) + "/pci10000:00/" + drive;
    file(path + "/class", "0x010802\n");
    link("sys/bus/pci/devices/" + drive, "../../../" + path.substring(4));
    link(path + "/iommu_group", "../../../../../kernel/iommu_groups/17");
    return controller;
  }

  public FakeHost attribute(String address, String name, String value) {
    return file(device(address) + "/" + name, value + "\n");
  }

  public FakeHost driver(String address, String driver) {
    directory("sys/bus/pci/drivers/" + driver);
    file("sys/bus/pci/drivers/" + driver + "/unbind", "");
    link(device(address) + "/driver", "../../../bus/pci/drivers/" + driver);
    return this;
  }

  public FakeHost group(int group, String... addresses) {
    for (String address : addresses) {
      link(device(address) + "/iommu_group", "../../../kernel/iommu_groups/" + group);
      directory("sys/kernel/iommu_groups/" + group + "/devices");
      link(
          "sys/kernel/iommu_groups/" + group + "/devices/" + address,
          "../../../../devices/pci0000:00/" + address);
    }
    return this;
  }

  /** The kernel's own driver on a function. */
  public FakeHost kernelDrive(String address, String name) {
    driver(address, "nvme");
    file(device(address) + "/nvme/" + name + "/model", "A fast drive              \n");
    file(device(address) + "/nvme/" + name + "/serial", "S-123    \n");
    return this;
  }

  /** A disk of a kernel drive, of 64 MiB, empty. */
  public FakeHost disk(String address, String controller, String disk) {
    String path = device(address) + "/nvme/" + controller + "/" + disk;
    block(path, disk);
    link("sys/block/" + disk, "../devices/pci0000:00/" + path.substring(23));
    file(path + "/queue/logical_block_size", "512\n");
    file("dev/" + disk, "\0".repeat(1 << 16));
    return this;
  }

  public FakeHost partition(String address, String controller, String disk, String partition) {
    String path = device(address) + "/nvme/" + controller + "/" + disk + "/" + partition;
    block(path, partition);
    file(path + "/partition", "1\n");
    return file("dev/" + partition, "\0".repeat(1 << 16));
  }

  private void block(String path, String name) {
    file(path + "/size", "131072\n");
    file(path + "/dev", "259:" + numbers++ + "\n");
    directory(path + "/holders");
    link("sys/class/block/" + name, "../../devices/pci0000:00/" + path.substring(23));
  }

  /** A holder of a disk or partition. */
  public FakeHost holder(String device, String holder) {
    directory("sys/class/block/" + device + "/holders/" + holder);
    return this;
  }

  /** A process with its own view of mounts. */
  public FakeHost process(int id, String name, String mountNamespace, String... mounts) {
    file("proc/" + id + "/comm", name + "\n");
    directory("proc/" + id + "/fd");
    link("proc/" + id + "/ns/mnt", mountNamespace);
    return file("proc/" + id + "/mountinfo", String.join("\n", mounts) + "\n");
  }

  public FakeHost open(int process, int fd, String file) {
    return link("proc/" + process + "/fd/" + fd, file);
  }
}
