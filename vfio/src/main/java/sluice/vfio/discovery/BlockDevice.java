package sluice.vfio.discovery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * A disk of the kernel's, or a partition of one, as sysfs tells of it.
 *
 * @param name the kernel's name: {@code nvme0n1}
 * @param number major and minor number: {@code 259:0}
 * @param bytes how large it is
 * @param blockSize bytes in a logical block
 * @param partitions none for a partition
 * @param holders the names of the devices that are made from it: {@code dm-0}, {@code md127}
 */
public record BlockDevice(
    String name,
    String number,
    long bytes,
    int blockSize,
    List<BlockDevice> partitions,
    List<String> holders) {
  private static final int SECTOR = 512;
  private static final String NVME = "nvme";

  /**
   * The disks behind a PCI function.
   *
   * <p>With native multipath the disk is not below the function but in a place of its own, and
   * below the function is a path to it: {@code nvme0c1n1} leads to {@code nvme0n1}.
   */
  public static List<BlockDevice> behind(PciDevice function) {
    TreeSet<String> names = new TreeSet<>();
    Path disks = function.host().path("sys/block");
    for (Path disk : Host.entries(disks)) {
      if (isBelow(disk, function.path())) {
        names.add(Host.name(disk).replaceFirst("^(nvme\\d+)c\\d+(n\\d+)$", "$1$2"));
      }
    }
    return names.stream()
        .map(disks::resolve)
        .filter(Files::exists)
        .map(path -> read(path, true))
        .toList();
  }

  /** Each is asked for itself: one that goes just now, of whatever function, hides no other. */
  private static boolean isBelow(Path disk, Path function) {
    try {
      return disk.toRealPath().startsWith(function.toRealPath());
    } catch (IOException e) {
      return false;
    }
  }

  private static BlockDevice read(Path path, boolean isDisk) {
    List<BlockDevice> partitions = new ArrayList<>();
    if (isDisk) {
      for (Path entry : Host.entries(path)) {
        if (Files.exists(entry.resolve("partition"))) {
          partitions.add(read(entry, false));
        }
      }
    }
    return new BlockDevice(
        Host.name(path),
        Host.text(path.resolve("dev")).orElse(""),
        Host.number(path.resolve("size")).orElse(0L) * SECTOR,
        Host.number(path.resolve("queue/logical_block_size")).orElse((long) SECTOR).intValue(),
        List.copyOf(partitions),
        Host.entries(path.resolve("holders")).stream().map(Host::name).toList());
  }

  /** This disk and its partitions. */
  public List<BlockDevice> withPartitions() {
    List<BlockDevice> all = new ArrayList<>();
    all.add(this);
    all.addAll(partitions);
    return all;
  }

  /** Its file, for people. */
  public String file() {
    return "/dev/" + name;
  }

  /** The files through which a process can use it: for a namespace, one that takes any command. */
  public List<String> files() {
    return name.startsWith(NVME)
        ? List.of(file(), "/dev/ng" + name.substring(NVME.length()))
        : List.of(file());
  }
}
