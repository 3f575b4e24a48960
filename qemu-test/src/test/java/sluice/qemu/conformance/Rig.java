package sluice.qemu.conformance;

import java.util.Arrays;
import java.util.List;
import sluice.nvme.CompletionMode;
import sluice.nvme.ControllerOptions;
import sluice.nvme.NvmeController;

/** A place where drives are. */
interface Rig extends AutoCloseable {
  /** The rigs of a run that names none. */
  String DEFAULT = "virtual,qtest,vfio-user,vfio-user-interrupts,tcp";

  /** As in the property {@code sluice.rigs}, and in the names of the tests. */
  String name();

  /** Whether its controller is QEMU's, which deviates from the specification here and there. */
  boolean isQemu();

  /** How the driver is to learn of completions here. */
  default CompletionMode completions() {
    return CompletionMode.POLLED;
  }

  /**
   * Brings a drive's controller up.
   *
   * @return for the caller to close
   */
  NvmeController open(TestDrive drive, ControllerOptions options);

  /** Ends all drives that were opened. */
  @Override
  void close();

  /** The rigs that the property names. */
  static List<Rig> all() {
    return Arrays.stream(System.getProperty("sluice.rigs", DEFAULT).split(","))
        .map(Rig::named)
        .toList();
  }

  private static Rig named(String name) {
    if (name.startsWith(GuestRig.PREFIX)) {
      return GuestRig.named(name);
    }
    return switch (name) {
      case "virtual" -> new VirtualRig();
      case "qtest" -> new QtestRig();
      case "vfio-user" -> new VfioUserRig(name, CompletionMode.POLLED);
      case "vfio-user-interrupts" -> new VfioUserRig(name, CompletionMode.INTERRUPTS);
      case "tcp" -> new TcpRig();
      default -> throw new IllegalArgumentException("sluice.rigs names an unknown rig: " + name);
    };
  }
}
