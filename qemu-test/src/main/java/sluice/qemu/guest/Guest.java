package sluice.qemu.guest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import sluice.qemu.DriveArguments;
import sluice.qemu.LineSocket;
import sluice.qemu.Owned;
import sluice.qemu.Patience;
import sluice.qemu.QemuDrive;
import sluice.qemu.QemuException;
import sluice.qemu.QemuProcess;
import sluice.qemu.Qmp;

/**
 * A Linux guest in QEMU that runs commands.
 *
 * <pre>{@code
 * try (Guest guest = Guest.boot(new GuestMachine().drive(drive -> drive.size("64M")))) {
 *   String address = guest.bind(0);
 *   GuestResult result = guest.run("java sluice.cli.Main info pci:" + address);
 * }
 * }</pre>
 *
 * <p>Every wait has a deadline. When the guest panics, ends or hangs, the exception has the last of
 * its console. One thread at a time.
 */
public final class Guest implements AutoCloseable {
  private static final Duration RUN_DEADLINE = Duration.ofSeconds(60);

  private static final int LINES = 100;

  private final Owned owned = new Owned();
  private final Thread hook = Thread.ofPlatform().unstarted(this::closeAtExit);
  private final Duration grace;
  private final Path directory;
  private final List<DriveArguments> drives = new ArrayList<>();
  private final List<List<Path>> images = new ArrayList<>();
  private final QemuProcess process;
  private final Qmp qmp;
  private final GuestPort port;

  /**
   * Boots a guest and waits until it takes commands.
   *
   * @throws QemuException if it does not in time, with the last of its console
   */
  public static Guest boot(GuestMachine machine) {
    try {
      return new Guest(machine);
    } catch (IOException e) {
      throw new QemuException("cannot start a guest: " + e, e);
    }
  }

  private Guest(GuestMachine machine) throws IOException {
    grace = machine.grace();
    boolean booted = false;
    try {
      directory = Files.createTempDirectory("sluice-guest-" + ProcessHandle.current().pid() + "-");
      owned.add(() -> Cache.delete(directory));
      for (QemuDrive drive : machine.drives()) {
        String id = "nvme" + drives.size() + "-ns";
        DriveArguments arguments = new DriveArguments(drive, drives.size(), id);
        drives.add(arguments);
        images.add(arguments.createImages(directory));
      }
      byte[] random = new byte[16];
      new SecureRandom().nextBytes(random);
      String token = HexFormat.of().formatHex(random);
      Path initramfs = directory.resolve(GuestArguments.INITRAMFS);
      Initramfs.write(machine, token, initramfs);
      Path log = Files.createFile(directory.resolve("qemu.log"));
      Files.createFile(directory.resolve(GuestArguments.CONSOLE));
      try (LineSocket.Listener monitor = listen(GuestArguments.MONITOR);
          LineSocket.Listener serial = listen(GuestArguments.PORT)) {
        List<String> arguments = GuestArguments.of(machine, drives, images, directory);
        process = owned.add(QemuProcess.start(machine.binary(), arguments, log));
        port =
            owned.add(new GuestPort(serial.acceptChannel(process, machine.bootDeadline()), token));
        qmp = new Qmp(owned.add(monitor.accept(process, machine.bootDeadline())));
      }
      var _ = await("boot", machine.bootDeadline(), machine.bootDeadline(), _ -> {});
      Files.delete(initramfs);
      Runtime.getRuntime().addShutdownHook(hook);
      booted = true;
    } finally {
      if (!booted) {
        owned.close();
      }
    }
  }

  private LineSocket.Listener listen(String name) throws IOException {
    return new LineSocket.Listener(directory.resolve(name));
  }

  /** Runs a command that ends within a minute. */
  public GuestResult run(String command) {
    return run(command, RUN_DEADLINE);
  }

  /**
   * Runs a command by sh, as root, and waits for its end. One that is silent for too long is
   * killed, after its Java threads have shown their stacks in its output.
   *
   * @param deadline how long it may be silent on a quiet machine; on a busy one it gets longer
   * @throws QemuException if the guest ends or hangs meanwhile, with the last of its console
   */
  public GuestResult run(String command, Duration deadline) {
    return run(command, deadline, _ -> {});
  }

  /**
   * The same, telling the output as it comes.
   *
   * @param listener gets each piece
   */
  public GuestResult run(String command, Duration deadline, Consumer<byte[]> listener) {
    Duration limit = Patience.stretch(deadline);
    try {
      port.send(limit, command);
    } catch (IOException e) {
      throw failed(command, "the guest ended: " + process.describeEnd());
    }
    return await(command, withGrace(deadline), withGrace(limit), listener);
  }

  /** The guest looks eight times in a limit whether it is over, and has more to say then. */
  private Duration withGrace(Duration limit) {
    return limit.plus(limit.dividedBy(8)).plus(grace);
  }

  private GuestResult await(
      String what, Duration deadline, Duration least, Consumer<byte[]> listener) {
    GuestResult result;
    try {
      result = port.receive(deadline, least, listener);
    } catch (IOException e) {
      throw failed(what, "the guest ended: " + process.describeEnd());
    }
    if (result == null) {
      throw failed(what, "the guest did not answer within " + deadline.toSeconds() + " s");
    }
    return result;
  }

  /** Whether QEMU has ended by a fault of its own. */
  public boolean hasCrashed() {
    return process.hasCrashed();
  }

  private QemuException failed(String what, String why) {
    return new QemuException(
        "%s: %s\nthe last of its output:\n%s\nthe last of the guest's console:\n%s"
            .formatted(what, why, lastLines(port.unfinished()), lastLines(console())));
  }

  /**
   * Runs a command that has to succeed.
   *
   * @return its output
   * @throws QemuException if its status is not 0; with its output
   */
  public String check(String command) {
    GuestResult result = run(command);
    if (result.status() != 0) {
      throw new QemuException(
          "in the guest, " + command + " ended with " + result.status() + ":\n" + result.text());
    }
    return result.text();
  }

  /**
   * Where the guest sees a drive.
   *
   * @return the function's address, for example {@code 0000:01:00.0}
   */
  public String address(int drive) {
    return check(
        "cd /sys/bus/pci/devices/0000:00:%02x.0 && echo 0000:*:00.0"
            .formatted(drives.get(drive).slot()));
  }

  /**
   * Takes a drive from the kernel's driver and gives it to vfio-pci.
   *
   * @return the function's address
   */
  public String bind(int drive) {
    String address = address(drive);
    String _ =
        check(
            """
            cd /sys/bus/pci/devices/%1$s || exit
            [ ! -e driver ] || echo %1$s >driver/unbind
            echo vfio-pci >driver_override
            echo %1$s >/sys/bus/pci/drivers_probe
            echo >driver_override
            [ "$(readlink driver)" = ../../../../bus/pci/drivers/vfio-pci ] || readlink driver
            """
                .formatted(address));
    return address;
  }

  /** Gives a drive back to the kernel's own driver. */
  public void unbind(int drive) {
    String _ =
        check(
            "cd /sys/bus/pci/devices/%1$s && echo %1$s >driver/unbind && echo %1$s >/sys/bus/pci/drivers_probe"
                .formatted(address(drive)));
  }

  /** The bytes of a file in the guest. */
  public byte[] fetch(String path) {
    GuestResult result = run("cat " + path);
    if (result.status() != 0) {
      throw new QemuException("cannot fetch " + path + " from the guest: " + result.text());
    }
    return result.bytes();
  }

  /** QEMU's monitor; the drives are {@code nvme0}, {@code nvme1} and so on. */
  public Qmp qmp() {
    return qmp;
  }

  /** A drive's controller as a device for QEMU's monitor, to plug it again. */
  public DriveArguments drive(int index) {
    return drives.get(index);
  }

  /**
   * The file that holds a namespace's bytes.
   *
   * @param nsid from 1
   */
  public Path image(int drive, int nsid) {
    return images.get(drive).get(nsid - 1);
  }

  /** All that the guest has written to its console. */
  public String console() {
    try {
      return new String(
          Files.readAllBytes(directory.resolve(GuestArguments.CONSOLE)), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new QemuException("cannot read the guest's console: " + e.getMessage(), e);
    }
  }

  private static String lastLines(String text) {
    List<String> lines = text.lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
  }

  /** QEMU's process id. */
  public long pid() {
    return process.pid();
  }

  /** The processor time that QEMU has taken: on a busy machine it tells more than a clock. */
  public Duration processorTime() {
    return ProcessHandle.of(pid())
        .flatMap(qemu -> qemu.info().totalCpuDuration())
        .orElse(Duration.ZERO);
  }

  /** Ends the guest at once, as if its power failed, and deletes its files. */
  @Override
  public void close() {
    try {
      owned.close();
    } finally {
      try {
        boolean _ = Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The JVM is ending: the hook finds nothing left to do.
      }
    }
  }

  private void closeAtExit() {
    owned.close();
  }
}
