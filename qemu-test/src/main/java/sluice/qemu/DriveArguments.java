package sluice.qemu;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The arguments by which QEMU gets a drive: behind a port of its own, so that it can be unplugged.
 *
 * <pre>
 *   pcie.0 ── port0 ── nvme0 ─┐
 *                             subsys0 ── ns1, ns2, …   (stay when nvme0 goes)
 * </pre>
 */
public final class DriveArguments {
  /** The first port's place on pcie.0; below are the chipset's and other devices. */
  private static final int FIRST_SLOT = 0x10;

  private final QemuDrive drive;
  private final int index;
  private final String namespaces;
  private final List<String> arguments = new ArrayList<>();

  /**
   * @param index of the drive in its machine, from 0
   * @param namespaces what the namespaces' ids begin with; a number from 1 follows
   */
  public DriveArguments(QemuDrive drive, int index, String namespaces) {
    this.drive = drive;
    this.index = index;
    this.namespaces = namespaces;
  }

  /** The controller's id, for the monitor. */
  public String id() {
    return "nvme" + index;
  }

  /** The number of the port's device on bus 0; its function is 0. */
  public int slot() {
    return FIRST_SLOT + index;
  }

  /**
   * Makes the namespaces' bytes, sparse files of zeros, where the description names none.
   *
   * @return a file for each namespace
   */
  public List<Path> createImages(Path directory) throws IOException {
    List<Path> images = new ArrayList<>();
    for (QemuDrive.Namespace namespace : drive.namespaces()) {
      Path image = namespace.image();
      if (image == null) {
        image = directory.resolve(namespaces + (images.size() + 1) + ".img");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
          file.setLength(namespace.size());
        }
      }
      images.add(image);
    }
    return images;
  }

  /**
   * @param images a file for each namespace
   */
  public List<String> arguments(List<Path> images) {
    arguments.clear();
    add("-device", port(index));
    add("-device", "nvme-subsys,id=subsys%d,nqn=sluice%d".formatted(index, index));
    device(controller());
    for (int i = 0; i < images.size(); i++) {
      namespace(drive.namespaces().get(i), namespaces + (i + 1), images.get(i));
    }
    return List.copyOf(arguments);
  }

  /**
   * A port for a device, drive or other.
   *
   * @param index of the device in its machine, from 0, drives and others counted together
   */
  public static String port(int index) {
    return "pcie-root-port,id=%s,bus=pcie.0,chassis=%d,slot=%d,addr=0x%x"
        .formatted(portName(index), index + 1, index + 1, FIRST_SLOT + index);
  }

  /** The bus behind a port. */
  public static String portName(int index) {
    return "port" + index;
  }

  /** The controller as a device for QEMU, on its command line or through its monitor. */
  public Map<String, Object> controller() {
    Map<String, Object> device = new LinkedHashMap<>();
    device.put("driver", "nvme");
    device.put("id", id());
    device.put("bus", portName(index));
    device.put("subsys", "subsys" + index);
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
    device.put("bus", id());
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
  public static String escape(String value) {
    return value.replace(",", ",,");
  }
}
