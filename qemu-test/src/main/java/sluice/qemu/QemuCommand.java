package sluice.qemu;

import java.util.ArrayList;
import java.util.List;

/**
 * The arguments that QEMU is started with: a q35 machine whose processor halts at once, and the
 * drive.
 */
final class QemuCommand {
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
            .formatted(memory.size(), DriveArguments.escape(memory.path())));
    command.add("-bios", files.file(QemuFiles.BIOS).toString());
    command.add("-qtest", "unix:" + DriveArguments.escape(files.file(QemuFiles.QTEST).toString()));
    command.add("-qtest-log", "none");
    String monitor = DriveArguments.escape(files.file(QemuFiles.QMP).toString());
    command.add("-chardev", "socket,id=qmp,path=" + monitor, "-mon", "chardev=qmp,mode=control");
    // The port's own hot-plug registers do it without a guest; ACPI's method would need its tables.
    command.add("-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off");
    command.arguments.addAll(new DriveArguments(drive, 0, "ns").arguments(files.images()));
    return command.arguments;
  }

  private void add(String... more) {
    arguments.addAll(List.of(more));
  }
}
