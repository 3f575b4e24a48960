package sluice.cli;

import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import sluice.vfio.discovery.PciDevice;
import sluice.vfio.takeover.Binding;
import sluice.vfio.takeover.VfioFiles;

/** {@code sluice unbind}: gives a drive back to the driver that it had. */
@Command(
    name = "unbind",
    description = "Gives a drive back to the kernel's driver that it had before bind. Needs root.",
    footer = {
      "",
      "  sluice unbind 0000:01:00.0 --dry-run",
      "  sluice unbind 0000:01:00.0",
    })
final class UnbindCommand implements Runnable {
  @Mixin private FunctionArgument function;

  @Option(names = "--dry-run", description = "Show the steps, but do nothing.")
  private boolean dryRun;

  @Option(
      names = "--force",
      description = "Take it from a process that uses it, which is told to let go.")
  private boolean force;

  @Option(
      names = "--driver",
      paramLabel = "NAME",
      description = "The driver to give it to (default: the one that it had).")
  private String driver;

  @Override
  public void run() {
    PciDevice device = function.drive();
    Binding binding = new Binding(device, line -> System.err.println("+ " + line));
    // One without a driver, as a bind that was killed leaves it, is given back too.
    device
        .driver()
        .filter(holder -> !holder.equals(PciDevice.VFIO_PCI))
        .ifPresent(holder -> {
          throw new IllegalArgumentException(
              device + " is not bound to vfio-pci, but held by the driver " + holder);
        });
    Optional<String> wanted = Optional.ofNullable(driver);
    if (dryRun) {
      binding.planUnbind(wanted).forEach(step -> System.out.println(step));
      return;
    }
    List<String> users = new VfioFiles(device).users();
    if (!users.isEmpty() && !force) {
      throw new IllegalStateException(
          device
              + " is in use by process "
              + String.join(", ", users)
              + "; end that, or give --force");
    }
    System.err.println(device + " is held by the driver " + binding.unbind(wanted) + " again");
  }
}
