package sluice.vfio.discovery;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the kernel's own NVMe driver says of a drive that it holds.
 *
 * @param name the kernel's name of the controller: {@code nvme0}
 * @param model as the drive tells it
 * @param serial as the drive tells it
 * @param disks its namespaces
 */
public record KernelDrive(String name, String model, String serial, List<BlockDevice> disks) {
  /** The drive of a function; empty when the kernel's driver does not hold it. */
  public static Optional<KernelDrive> of(PciDevice function) {
    for (Path controller : Host.entries(function.path().resolve("nvme"))) {
      return Optional.of(
          new KernelDrive(
              Host.name(controller),
              Host.text(controller.resolve("model")).orElse(""),
              Host.text(controller.resolve("serial")).orElse(""),
              BlockDevice.behind(function)));
    }
    return Optional.empty();
  }

  /**
   * The other functions by which the kernel, or a process, has the same drive: a drive with two
   * ports shows all that it holds at each. Of a function that was bound to VFIO it is known what
   * the kernel's driver said before.
   */
  public static List<PciDevice> otherPorts(PciDevice function) {
    Optional<Identity> own = Identity.of(function);
    return own.isEmpty()
        ? List.of()
        : PciDevice.ofClass(function.host(), function.classCode()).stream()
            .filter(other -> !other.equals(function))
            .filter(other -> Identity.of(other).filter(own.get()::isSameDrive).isPresent())
            .toList();
  }

  /**
   * By what a drive is known at whichever port.
   *
   * @param subsystem the NVMe qualified name; empty where the kernel does not tell it
   */
  public record Identity(String subsystem, String model, String serial) {
    private static final String UNKNOWN = "";

    /** Before the last part, so that an empty one is not taken for white space at the end. */
    private static final String END = "=";

    /** Empty when nobody knows, or the drive says too little to tell it from others. */
    public static Optional<Identity> of(PciDevice function) {
      for (Path controller : Host.entries(function.path().resolve("nvme"))) {
        return Optional.of(
                new Identity(
                    Host.text(controller.resolve("subsysnqn")).orElse(UNKNOWN),
                    Host.text(controller.resolve("model")).orElse(UNKNOWN),
                    Host.text(controller.resolve("serial")).orElse(UNKNOWN)))
            .filter(identity -> !identity.serial.isEmpty());
      }
      return memory(function).text().flatMap(Identity::parse);
    }

    /** Where it is kept while the kernel's driver does not have the function. */
    public static RunFile memory(PciDevice function) {
      return new RunFile(function, RunFile.IDENTITIES);
    }

    private static Optional<Identity> parse(String text) {
      String[] parts = text.split("\t", -1);
      return parts.length == 3 && parts[2].startsWith(END)
          ? Optional.of(new Identity(parts[2].substring(END.length()), parts[1], parts[0]))
          : Optional.empty();
    }

    @Override
    public String toString() {
      return serial + "\t" + model + "\t" + END + subsystem;
    }

    /** There are drives whose names of subsystems are all the same, so that does not suffice. */
    boolean isSameDrive(Identity other) {
      boolean isNameKnown = !subsystem.isEmpty() && !other.subsystem.isEmpty();
      return serial.equals(other.serial)
          && model.equals(other.model)
          && (!isNameKnown || subsystem.equals(other.subsystem));
    }
  }

  /** Bytes of all namespaces. */
  public long bytes() {
    return disks.stream().mapToLong(BlockDevice::bytes).sum();
  }
}
