package sluice.qemu.guest;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import sluice.qemu.QemuDrive;
import sluice.support.text.Units;

/**
 * What machine a guest shall be. Every method returns this, so that calls chain; what is not said
 * is a stock kernel, one processor, 1 GiB of memory, no drive, and the classes of this JVM.
 */
public final class GuestMachine {
  private final List<QemuDrive> drives = new ArrayList<>();
  private final Map<String, Path> files = new LinkedHashMap<>();
  private final Map<String, JavaCommand> commands = new LinkedHashMap<>();
  private final List<Path> programs = new ArrayList<>();
  private final List<Path> targets = new ArrayList<>();
  private final List<String> modules = new ArrayList<>();
  private final List<String> kernelArguments = new ArrayList<>();
  private final List<String> qemuArguments = new ArrayList<>();
  private List<Path> classPath = runningClassPath();
  private GuestKernel kernel;
  private long memory = 1L << 30;
  private int processors = 1;
  private boolean iommu = true;
  private String binary = "qemu-system-x86_64";
  private Duration bootDeadline = Duration.ofSeconds(60);
  private Duration grace = Duration.ofSeconds(15);

  /** The kernel; {@link GuestKernel#stock} if not said. */
  public GuestMachine kernel(GuestKernel kernel) {
    this.kernel = kernel;
    return this;
  }

  /** Adds a drive behind a port of its own; drives count from 0 in the order of addition. */
  public GuestMachine drive(Consumer<QemuDrive> describe) {
    QemuDrive drive = new QemuDrive().serial("sluice-" + drives.size());
    describe.accept(drive);
    drives.add(drive);
    return this;
  }

  /**
   * Adds a PCI device that another process is, by vfio-user: it is given the guest's memory, and
   * the QEMU to run becomes one that can do it.
   *
   * @param socket where that process listens when the guest is booted
   */
  public GuestMachine target(Path socket) {
    targets.add(socket);
    return binary(NewQemu.binary().toString());
  }

  /** The guest's memory: {@code 1G}. */
  public GuestMachine memory(String size) {
    memory = Units.parseSize(size);
    return this;
  }

  /**
   * How many processors it has; 1 if not said. Each is a thread of QEMU's: where they have to share
   * this machine's with others, two do far less than one, as each waits for the other's turn.
   */
  public GuestMachine processors(int count) {
    processors = count;
    return this;
  }

  /** Leaves out the virtual IOMMU, with which functions can be given to user space. */
  public GuestMachine withoutIommu() {
    iommu = false;
    return this;
  }

  /** The classes for Java in the guest, jars and directories, in their order. */
  public GuestMachine classPath(List<Path> entries) {
    classPath = List.copyOf(entries);
    return this;
  }

  /**
   * Puts a file, or a directory with all that is below it, into the guest.
   *
   * @param path in the guest, from /
   */
  public GuestMachine file(String path, Path content) {
    files.put(path, content);
    return this;
  }

  /** Adds a program in Java as a command, which starts faster than by {@code java}. */
  public GuestMachine command(String name, JavaCommand command) {
    commands.put(name, command);
    return this;
  }

  /**
   * Puts a program or shared library of this system into the guest, with the libraries it needs.
   */
  public GuestMachine program(Path path) {
    programs.add(path);
    return this;
  }

  /** Loads a kernel module, for example {@code dm-mod}, besides those of VFIO. */
  public GuestMachine module(String name) {
    modules.add(name);
    return this;
  }

  /** Adds to the kernel's command line, for example {@code loglevel=7} for all that it says. */
  public GuestMachine kernelArgument(String argument) {
    kernelArguments.add(argument);
    return this;
  }

  /** Adds to QEMU's command line. */
  public GuestMachine qemuArguments(String... arguments) {
    qemuArguments.addAll(List.of(arguments));
    return this;
  }

  /** Which QEMU to run: a name on the PATH, or a path. */
  public GuestMachine binary(String binary) {
    this.binary = binary;
    return this;
  }

  /** How long QEMU and the kernel may take until the guest takes commands; 60 s if not said. */
  public GuestMachine bootDeadline(Duration deadline) {
    bootDeadline = deadline;
    return this;
  }

  /**
   * How much longer than a command may take the host waits for the guest, which at a command's end
   * has more to say; 15 s if not said.
   */
  public GuestMachine grace(Duration grace) {
    this.grace = grace;
    return this;
  }

  private static List<Path> runningClassPath() {
    List<Path> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (!entry.isEmpty() && java.nio.file.Files.exists(path)) {
        entries.add(path);
      }
    }
    return entries;
  }

  GuestKernel kernel() {
    if (kernel == null) {
      kernel = GuestKernel.stock();
    }
    return kernel;
  }

  List<QemuDrive> drives() {
    return drives;
  }

  Map<String, Path> files() {
    return files;
  }

  Map<String, JavaCommand> commands() {
    return commands;
  }

  List<Path> programs() {
    return programs;
  }

  List<Path> targets() {
    return targets;
  }

  List<String> modules() {
    return modules;
  }

  List<String> kernelArguments() {
    return kernelArguments;
  }

  List<String> qemuArguments() {
    return qemuArguments;
  }

  List<Path> classPath() {
    return classPath;
  }

  long memory() {
    return memory;
  }

  int processors() {
    return processors;
  }

  boolean hasIommu() {
    return iommu;
  }

  String binary() {
    return binary;
  }

  Duration grace() {
    return grace;
  }

  Duration bootDeadline() {
    return bootDeadline;
  }
}
