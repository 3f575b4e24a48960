package sluice.qemu.guest;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sluice.qemu.DriveArguments;
import sluice.qemu.QemuException;

/** The arguments that QEMU is started with for a guest. */
final class GuestArguments {
  static final String INITRAMFS = "initramfs.cpio";
  static final String CONSOLE = "console.log";
  static final String MONITOR = "monitor.sock";
  static final String PORT = "port.sock";

  /** All that is emulated but string moves that count bytes: one byte at a time, they are slow. */
  private static final String PROCESSOR = "max,-erms,-fsrm";

  /**
   * What the kernel is told: to restart at a panic; to believe in the time stamp counter, as each
   * reading of its second choice stops the whole machine; not to doubt interrupts when this machine
   * is busy; and to be quiet, for each letter takes time.
   */
  private static final List<String> KERNEL =
      List.of(
          "console=ttyS0",
          "panic=-1",
          "oops=panic",
          "tsc=reliable",
          "no_timer_check",
          "loglevel=5");

  private final List<String> arguments = new ArrayList<>();

  private GuestArguments() {}

  static List<String> of(
      GuestMachine machine, List<DriveArguments> drives, List<List<Path>> images, Path directory) {
    GuestArguments command = new GuestArguments();
    // A panic restarts the machine, and with -no-reboot that is QEMU's end: no wait for a deadline.
    command.add("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot");
    boolean shared = !machine.targets().isEmpty();
    String memory = shared ? ",memory-backend=memory" : "";
    command.add("-M", "q35,kernel-irqchip=split" + memory);
    command.add("-accel", "tcg,thread=multi", "-cpu", PROCESSOR);
    command.add("-smp", Integer.toString(machine.processors()));
    command.add("-m", machine.memory() / 1024 + "K");
    if (shared) {
      command.add(
          "-object",
          "memory-backend-memfd,id=memory,share=on,size=" + machine.memory() / 1024 + "K");
    }
    command.add("-kernel", machine.kernel().image().toString());
    command.add("-initrd", directory.resolve(INITRAMFS).toString());
    List<String> kernel = new ArrayList<>(KERNEL);
    if (machine.hasIommu()) {
      command.add("-device", "intel-iommu,intremap=on,caching-mode=on");
      kernel.addAll(List.of("intel_iommu=on", "iommu=pt"));
    }
    kernel.addAll(machine.kernelArguments());
    command.add("-append", String.join(" ", kernel));
    command.add("-chardev", "file,id=console,path=" + escape(directory.resolve(CONSOLE)));
    command.add("-serial", "chardev:console");
    command.add("-chardev", "socket,id=port,path=" + escape(directory.resolve(PORT)));
    command.add("-serial", "chardev:port");
    command.add("-chardev", "socket,id=monitor,path=" + escape(directory.resolve(MONITOR)));
    command.add("-mon", "chardev=monitor,mode=control");
    for (int i = 0; i < drives.size(); i++) {
      command.arguments.addAll(drives.get(i).arguments(images.get(i)));
    }
    for (int i = 0; i < machine.targets().size(); i++) {
      command.target(drives.size() + i, machine.targets().get(i));
    }
    command.arguments.addAll(machine.qemuArguments());
    return command.arguments;
  }

  /** A device that another process is, behind a port of its own as drives are. */
  private void target(int index, Path socket) {
    add("-device", DriveArguments.port(index));
    Map<String, Object> device = new LinkedHashMap<>();
    device.put("driver", "vfio-user-pci");
    device.put("id", "target" + index);
    device.put("bus", DriveArguments.portName(index));
    device.put("socket", Map.of("type", "unix", "path", socket.toString()));
    try {
      add("-device", JSON.std.asString(device));
    } catch (IOException e) {
      throw new QemuException("cannot describe a device to QEMU: " + e.getMessage(), e);
    }
  }

  private void add(String... more) {
    arguments.addAll(List.of(more));
  }

  private static String escape(Path path) {
    return DriveArguments.escape(path.toString());
  }
}
