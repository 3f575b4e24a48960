package sluice.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import sluice.support.text.Units;
import sluice.vfio.ConfigSpace;
import sluice.vfio.discovery.BlockDevice;
import sluice.vfio.discovery.DeviceNames;
import sluice.vfio.discovery.Host;
import sluice.vfio.discovery.KernelDrive;
import sluice.vfio.discovery.PciDevice;
import sluice.vfio.discovery.PciLink;
import sluice.vfio.takeover.Obstacle;
import sluice.vfio.takeover.Obstacles;

/** {@code sluice list}: which NVMe drives there are, who holds them, and what for. */
@Command(
    name = "list",
    description = "Lists this machine's NVMe drives, the driver that holds each, and its use.",
    footer = {
      "",
      "  sluice list",
      "  sluice list -o json     with serial numbers, names of vendors, and all reasons",
      "",
      "A drive that is not in use is taken over with sluice bind, and then recorded to as",
      "pci:ADDRESS. A virtual drive needs no hardware and is not listed: it is made where it is",
      "named, as in sluice init virtual:disk.img --size 4G"
    })
final class ListCommand implements Runnable {
  private static final String UNKNOWN = "-";

  @Mixin private Output output;

  @Override
  public void run() {
    DeviceNames names = DeviceNames.ofSystem();
    List<PciDevice> drives = PciDevice.ofClass(Host.local(), ConfigSpace.CLASS_NVME);
    if (output.isJson()) {
      output.json(drives.stream().map(drive -> json(drive, names)).toList());
      return;
    }
    if (drives.isEmpty()) {
      System.err.println("No NVMe drive on this machine's PCI buses.");
    } else {
      Output.Table table =
          new Output.Table(
              "PCI", "driver", "device", ">size", "group", "NUMA", "link", "model", "use");
      drives.forEach(drive -> addRow(table, drive, names));
      table.print(System.out);
    }
    System.err.println("A file can be a drive too: sluice init virtual:disk.img --size 4G");
  }

  private static void addRow(Output.Table table, PciDevice device, DeviceNames names) {
    Optional<KernelDrive> drive = KernelDrive.of(device);
    List<Obstacle> uses = Obstacles.of(device);
    table.row(
        device.toString(),
        device.driver().orElse(UNKNOWN),
        drive.map(KernelDrive::name).orElse(UNKNOWN),
        drive.map(found -> Units.formatSize(found.bytes())).orElse(UNKNOWN),
        device.iommuGroup().isPresent() ? String.valueOf(device.iommuGroup().getAsInt()) : UNKNOWN,
        device.numaNode().isPresent() ? String.valueOf(device.numaNode().getAsInt()) : UNKNOWN,
        device.link().map(ListCommand::text).orElse(UNKNOWN),
        drive.map(KernelDrive::model).filter(m -> !m.isEmpty()).orElse(name(device, names)),
        uses.isEmpty()
            ? "free"
            : uses.getFirst().reason() + (uses.size() > 1 ? " (+" + (uses.size() - 1) + ")" : ""));
  }

  private static String text(PciLink link) {
    return link.isReduced() ? link.now() + " (of " + link.best() + ")" : link.now();
  }

  private static String name(PciDevice device, DeviceNames names) {
    String vendor = names.vendor(device).orElse(String.format("%04x", device.vendorId()));
    String model = names.model(device).orElse(String.format("%04x", device.deviceId()));
    return vendor + ":" + model;
  }

  private static Map<String, Object> json(PciDevice device, DeviceNames names) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("pci", device.toString());
    map.put("vendorId", String.format("%04x", device.vendorId()));
    map.put("deviceId", String.format("%04x", device.deviceId()));
    map.put("vendor", names.vendor(device).orElse(null));
    map.put("product", names.model(device).orElse(null));
    map.put("driver", device.driver().orElse(null));
    map.put("iommuGroup", number(device.iommuGroup()));
    map.put("numaNode", number(device.numaNode()));
    device
        .link()
        .ifPresent(link -> {
          map.put("link", link.now());
          map.put("linkMax", link.best());
        });
    KernelDrive.of(device).ifPresent(drive -> addDrive(map, drive));
    List<Map<String, Object>> uses = new ArrayList<>();
    for (Obstacle obstacle : Obstacles.of(device)) {
      uses.add(
          Map.of("reason", obstacle.reason(), "inUse", obstacle.kind() == Obstacle.Kind.IN_USE));
    }
    map.put("use", uses);
    return map;
  }

  private static Integer number(OptionalInt value) {
    return value.isPresent() ? value.getAsInt() : null;
  }

  private static void addDrive(Map<String, Object> map, KernelDrive drive) {
    map.put("device", drive.name());
    map.put("model", drive.model());
    map.put("serial", drive.serial());
    map.put("bytes", drive.bytes());
    List<Map<String, Object>> namespaces = new ArrayList<>();
    for (BlockDevice disk : drive.disks()) {
      Map<String, Object> namespace = new LinkedHashMap<>();
      namespace.put("name", disk.name());
      namespace.put("bytes", disk.bytes());
      namespace.put("blockSize", disk.blockSize());
      namespaces.add(namespace);
    }
    map.put("namespaces", namespaces);
  }
}
