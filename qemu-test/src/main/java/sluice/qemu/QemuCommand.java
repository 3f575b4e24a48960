package sluice.qemu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The arguments that QEMU is started with: a q35 machine whose processor halts at once, and the
 * drive behind a port of its own, so that it can be unplugged.
 *
 * <pre>
 *   pcie.0 ── port0 ── nvme0 ─┐
 *                             subsys0 ── ns1, ns2, …   (stay when nvme0 goes)
 * </pre>
 */
final class QemuCommand {
  static final String CONTROLLER = "nvme0";

  private final List<String> arguments = new ArrayList<>();

  private QemuCommand() {}

  static List<String> of(QemuDrive drive, GuestMemory memory, QemuFiles files) {
    QemuCommand command = new QemuCommand();
    command.add("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot");
    command.add("-accel", "tcg");
    command.add("-M", "q35,memory-backend=memory");
    command.add("-m", memory.size() / 1024 + "K");
    command.add(
        "-object",
        "memory-backend-file,id=memory,share=on,size=%d,mem-path=%s"
            .formatted(memory.size(), escape(memory.path())));
    command.add("-bios", files.file(QemuFiles.BIOS).toString());
    command.add("-qtest", "unix:" + escape(files.file(QemuFiles.QTEST).toString()));
    command.add("-qtest-log", "none");
    String monitor = escape(files.file(QemuFiles.QMP).toString());
    command.add("-chardev", "socket,id=qmp,path=" + monitor, "-mon", "chardev=qmp,mode=control");
    // The port's own hot-plug registers do it without a guest; ACPI's method would need its tables.
    command.add("-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off");
    command.add("-device", "pcie-root-port,id=port0,bus=pcie.0,chassis=1,slot=1");
    command.add("-device", "nvme-subsys,id=subsys0,nqn=sluice");
    command.device(controller(drive));
    for (int i = 0; i < files.images().size(); i++) {
      command.namespace(drive.namespaces().get(i), "ns" + (i + 1), files.images().get(i));
    }
    return command.arguments;
  }

  /** The controller as a device for QEMU, on its command line or through its monitor. */
  static Map<String, Object> controller(QemuDrive drive) {
    Map<String, Object> device = new LinkedHashMap<>();
    device.put("driver", "nvme");
    device.put("id", CONTROLLER);
    device.put("bus", "port0");
    device.put("subsys", "subsys0");
    device.putAll(drive.properties());
    return device;
  }

  private void namespace(QemuDrive.Namespace namespace, String id, Path image) {
    String node = id + "-file";
    add(
        "-blockdev",
        "driver=file,node-name=%s,discard=unmap,filename=%s"
            .formatted(node, escape(image.toString())));
    String raw = id + "-raw";
    add("-blockdev", "driver=raw,discard=unmap,node-name=%s,file=%s".formatted(raw, node));
    String top = raw;
    if (namespace.filter() != null) {
      top = id + "-filter";
      String child = namespace.filter().contains("driver=blkdebug") ? "image" : "file";
      add("-blockdev", "%s,node-name=%s,%s=%s".formatted(namespace.filter(), top, child, raw));
    }
    Map<String, Object> device = new LinkedHashMap<>();
    device.put("driver", "nvme-ns");
    device.put("id", id);
    device.put("bus", CONTROLLER);
    device.put("drive", top);
    device.putAll(namespace.properties());
    device(device);
  }

  private void device(Map<String, Object> properties) {
    List<String> pairs = new ArrayList<>();
    properties.forEach((name, value) -> {
      Object shown = value instanceof Boolean on ? (on ? "on" : "off") : value;
      pairs.add(name + "=" + escape(String.valueOf(shown)));
    });
    add("-device", String.join(",", pairs));
  }

  private void add(String... more) {
    arguments.addAll(List.of(more));
  }

  /** A comma ends an option's value unless it is doubled. */
  private static String escape(String value) {
    return value.replace(",", ",,");
  }
}
