package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.qemu.guest.Guest;
import sluice.qemu.guest.GuestKernel;
import sluice.qemu.guest.GuestMachine;
import sluice.qemu.guest.GuestTests;

/**
 * The suite inside guests: there the driver gets its drives from a Linux kernel, as on a machine of
 * metal. The guests' reports lie beside this JVM's, {@code TEST-guest-type1.xml} and so on.
 */
class GuestConformanceTest {
  private static final Path TARGET = Path.of("target");

  @Test
  void stockKernelType1() throws Exception {
    runSuite("guest-type1", GuestKernel.stock());
  }

  private static void runSuite(String rig, GuestKernel kernel) throws Exception {
    GuestMachine machine = new GuestMachine().kernel(kernel);
    for (TestDrive drive : TestDrive.values()) {
      machine.drive(drive::describe);
    }
    try (Guest guest = Guest.boot(machine)) {
      List<String> addresses = new ArrayList<>();
      for (TestDrive drive : TestDrive.values()) {
        addresses.add(guest.bind(drive.ordinal()));
      }
      GuestTests.Outcome outcome =
          new GuestTests(rig)
              .selectPackage("sluice.qemu.conformance")
              .property("sluice.rigs", rig)
              .property(GuestRig.DRIVES, String.join(",", addresses))
              .deadline(Duration.ofMinutes(10))
              .run(guest, TARGET.resolve("surefire-reports"), System.err::writeBytes);
      Files.write(
          TARGET.resolve("conformance-" + rig + ".txt"), guest.fetch("/target/conformance.txt"));
      assertThat(outcome.tests()).isGreaterThan(50);
      assertThat(outcome.failed()).as(outcome.output()).isZero();
    }
  }
}
