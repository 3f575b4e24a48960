package sluice.vfio.discovery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import sluice.vfio.PciAddress;

/**
 * A PCI function as sysfs tells of it. Every question is asked anew, so that an answer is never
 * older than its question.
 */
public final class PciDevice {
  /** The driver by which Linux hands functions to processes. */
  public static final String VFIO_PCI = "vfio-pci";

  /** Drivers that leave a function alone, so that its group can be taken. */
  private static final Set<String> HARMLESS = Set.of(VFIO_PCI, "pci-stub", "pcieport");

  /** PCI-to-PCI bridges. Others (to ISA, to the host) are functions like any other for VFIO. */
  private static final Set<Integer> BRIDGES = Set.of(0x0604, 0x0609);

  /**
   * The driver of Intel's Volume Management Device, behind which drives are in a domain of its own.
   */
  private static final String VMD = "vmd";

  private final Host host;
  private final PciAddress address;
  private final Path path;

  private PciDevice(Host host, PciAddress address) {
    this.host = host;
    this.address = address;
    this.path = devices(host).resolve(address.toString());
  }

  private static Path devices(Host host) {
    return host.path("sys/bus/pci/devices");
  }

  /** All functions of a machine, by address. */
  public static List<PciDevice> all(Host host) {
    List<PciDevice> all = new ArrayList<>();
    for (Path entry : Host.entries(devices(host))) {
      if (PciAddress.isAddress(Host.name(entry))) {
        all.add(new PciDevice(host, PciAddress.parse(Host.name(entry))));
      }
    }
    return all;
  }

  /** All functions of a class, by address. */
  public static List<PciDevice> ofClass(Host host, int classCode) {
    return all(host).stream().filter(device -> device.classCode() == classCode).toList();
  }

  /** A function by its address; empty when there is none. */
  public static Optional<PciDevice> find(Host host, PciAddress address) {
    return Optional.of(new PciDevice(host, address)).filter(PciDevice::exists);
  }

  /** Whether it is (still) there. */
  public boolean exists() {
    return Files.isDirectory(path);
  }

  public PciAddress address() {
    return address;
  }

  /** Its directory in sysfs. */
  public Path path() {
    return path;
  }

  public Host host() {
    return host;
  }

  public int vendorId() {
    return attribute("vendor");
  }

  public int deviceId() {
    return attribute("device");
  }

  /** Base class, subclass and programming interface in 24 bits. */
  public int classCode() {
    return attribute("class");
  }

  private int attribute(String name) {
    return Host.number(path.resolve(name)).orElse(0L).intValue();
  }

  /** Whether its driver keeps others from taking the functions of its group. */
  public boolean hindersGroup() {
    boolean isBridge = BRIDGES.contains(classCode() >>> 8);
    return !isBridge && driver().filter(driver -> !HARMLESS.contains(driver)).isPresent();
  }

  /** The kernel driver that holds it. */
  public Optional<String> driver() {
    return Host.linkName(path.resolve("driver"));
  }

  /** The Intel VMD that it is behind: VFIO can only have that, with all that is behind it. */
  public Optional<PciDevice> vmd() {
    Path real;
    try {
      real = path.toRealPath();
    } catch (IOException e) {
      return Optional.empty();
    }
    for (Path bridge = real.getParent(); bridge != null; bridge = bridge.getParent()) {
      Path name = bridge.getFileName();
      if (name != null && PciAddress.isAddress(name.toString())) {
        PciDevice device = new PciDevice(host, PciAddress.parse(name.toString()));
        if (device.driver().equals(Optional.of(VMD))) {
          return Optional.of(device);
        }
      }
    }
    return Optional.empty();
  }

  /** Its IOMMU group; empty when no IOMMU translates for it. */
  public OptionalInt iommuGroup() {
    return Host.linkName(path.resolve("iommu_group"))
        .filter(name -> name.matches("[0-9]{1,9}"))
        .map(name -> OptionalInt.of(Integer.parseInt(name)))
        .orElse(OptionalInt.empty());
  }

  /** Whether its group only stands for one: VFIO makes such groups when told to do without. */
  public boolean isGroupWithoutIommu() {
    return Host.text(path.resolve("iommu_group/name")).orElse("").equals("vfio-noiommu");
  }

  /** The other functions of its group: who has one of them can reach into the others. */
  public List<PciDevice> groupNeighbours() {
    List<PciDevice> neighbours = new ArrayList<>();
    for (Path entry : Host.entries(path.resolve("iommu_group/devices"))) {
      String name = Host.name(entry);
      if (PciAddress.isAddress(name) && !PciAddress.parse(name).equals(address)) {
        neighbours.add(new PciDevice(host, PciAddress.parse(name)));
      }
    }
    return neighbours;
  }

  /** The function as a file of VFIO, {@code vfio3}, where the kernel has such files. */
  public Optional<String> vfioFile() {
    return Host.entries(path.resolve("vfio-dev")).stream().map(Host::name).findFirst();
  }

  /** The NUMA node it is nearest to; empty when the machine has but one, or does not say. */
  public OptionalInt numaNode() {
    long node = Host.number(path.resolve("numa_node")).orElse(-1L);
    return node < 0 ? OptionalInt.empty() : OptionalInt.of((int) node);
  }

  /** Its link; empty when it has none. */
  public Optional<PciLink> link() {
    return PciLink.of(path);
  }

  /** By its address: on the same machine that is the same function. */
  @Override
  public boolean equals(Object other) {
    return other instanceof PciDevice device && device.path.equals(path);
  }

  @Override
  public int hashCode() {
    return path.hashCode();
  }

  @Override
  public String toString() {
    return address.toString();
  }
}
