package sluice.cli;

import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import sluice.vfio.discovery.Host;
import sluice.vfio.discovery.PciDevice;
import sluice.vfio.takeover.Binding;
import sluice.vfio.takeover.IommuAdvice;
import sluice.vfio.takeover.Obstacle;
import sluice.vfio.takeover.Obstacles;
import sluice.vfio.takeover.VfioFiles;
import sluice.vfio.takeover.VfioModule;

/** {@code sluice bind}: takes a drive from the kernel's driver, for recording to it. */
@Command(
    name = "bind",
    description =
        "Takes a drive from the kernel's driver and gives it to vfio-pci, so that sluice can have"
            + " it. Refuses a drive that anything uses, and one that holds data unless its serial"
            + " number is repeated. Needs root.",
    footer = {
      "",
      "  sluice bind 0000:01:00.0 --dry-run      shows what would be done",
      "  sluice bind 0000:01:00.0",
      "  sluice bind nvme1 --owner radar         lets the user radar record without root",
      "  sluice bind nvme1 --serial S4EWNX0R     though it holds data",
      "",
      "Undo it with sluice unbind."
    })
final class BindCommand implements Runnable {
  @Mixin private FunctionArgument function;

  @Option(names = "--dry-run", description = "Show the steps, and why not, but do nothing.")
  private boolean dryRun;

  @Option(
      names = "--serial",
      paramLabel = "SERIAL",
      description =
          "The drive's serial number, to say that what it holds may be destroyed; the address once"
              + " more for a drive that has none.")
  private String serial;

  @Option(
      names = "--owner",
      paramLabel = "USER",
      description = "Who shall be able to use the drive without being root.")
  private String owner;

  @Override
  public void run() {
    PciDevice device = function.drive();
    Consumer<String> listener = line -> System.err.println("+ " + line);
    Binding binding = new Binding(device, listener);
    List<Obstacle> obstacles = Obstacles.of(device);
    Optional<String> refusal = binding.refusal(obstacles, serial);
    if (dryRun) {
      binding.planBind().forEach(step -> System.out.println(step));
      refusal.ifPresent(reason -> System.err.println("But it would be refused: " + reason));
      return;
    }
    requireNo(refusal);
    Optional<UserPrincipal> newOwner = Optional.ofNullable(owner).map(VfioFiles::user);
    VfioModule module = new VfioModule(device.host());
    if (!module.isLoaded()) {
      module.load(listener);
      // That may have taken seconds.
      requireNo(binding.refusal(Obstacles.of(device), serial));
    }
    if (!binding.canBeTaken()) {
      throw new IllegalStateException(
          device + " is in no IOMMU group: " + IommuAdvice.of(Host.local()));
    }
    binding.bind();
    obstacles.stream()
        .filter(obstacle -> obstacle.kind() == Obstacle.Kind.NOTE)
        .forEach(note -> System.err.println("note: " + note));
    newOwner.ifPresent(user -> new VfioFiles(device).giveTo(user, listener));
    System.err.println("Its address is now pci:" + device);
  }

  private static void requireNo(Optional<String> refusal) {
    refusal.ifPresent(reason -> {
      throw new IllegalArgumentException(reason);
    });
  }
}
