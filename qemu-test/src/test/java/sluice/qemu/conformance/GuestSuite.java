package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import sluice.qemu.guest.Guest;
import sluice.qemu.guest.GuestMachine;
import sluice.qemu.guest.GuestTests;

/**
 * The suite inside a guest, where the driver gets its drives from a Linux kernel as on a machine of
 * metal. It is started by tests outside this package, which is taken whole into the guest.
 */
public final class GuestSuite {
  /** Tags what starts QEMU itself. */
  static final String NOT_IN_GUESTS = "not-in-guests";

  private static final Path TARGET = Path.of("target");
  private static final Duration DEADLINE = Duration.ofMinutes(10);

  private GuestSuite() {}

  /** Runs the whole suite, which has to pass. */
  public static void passes(String rig, GuestMachine machine) throws IOException {
    GuestTests suite =
        new GuestTests(rig)
            .selectPackage(GuestSuite.class.getPackageName())
            .excludeTag(NOT_IN_GUESTS);
    assertPasses(run(rig, suite, machine), rig);
  }

  /** Runs what shows that the way to a drive works: bring-up, transfers, queues, a recording. */
  public static void passesInShort(String rig, GuestMachine machine) throws IOException {
    GuestTests suite = new GuestTests(rig);
    for (Class<?> each :
        List.of(
            BringUpTest.class,
            IdentifyTest.class,
            IoCommandTest.class,
            QueueTest.class,
            RecordTest.class,
            TransferTest.class)) {
      suite.selectClass(each.getName());
    }
    assertPasses(run(rig, suite, machine), rig);
  }

  private static void assertPasses(GuestTests.Outcome outcome, String rig) {
    assertThat(outcome.failed()).as("failures, see TEST-%s.xml", rig).isZero();
    assertThat(outcome.tests()).as("tests that ran").isGreaterThan(90);
  }

  /**
   * Boots a guest and runs tests in it. Their report is put beside this JVM's, {@code
   * TEST-guest-type1-polled.xml} and so on, and the counts as {@link RigCounts} has them.
   *
   * @param rig for example {@code guest-type1-polled}
   * @param machine gets the suite's drives
   */
  private static GuestTests.Outcome run(String rig, GuestTests suite, GuestMachine machine)
      throws IOException {
    for (TestDrive drive : TestDrive.values()) {
      machine.drive(drive::describe);
    }
    try (Guest guest = Guest.boot(machine)) {
      List<String> addresses = new ArrayList<>();
      for (int i = 0; i < TestDrive.values().length; i++) {
        addresses.add(guest.bind(i));
      }
      GuestTests.Outcome outcome =
          suite
              .property("sluice.rigs", rig)
              .property(GuestRig.DRIVES, String.join(",", addresses))
              .deadline(DEADLINE)
              .run(guest, TARGET.resolve("surefire-reports"), System.out::writeBytes);
      byte[] counts = guest.fetch("/" + RigCounts.FILE);
      Files.write(TARGET.resolve("conformance-" + rig + ".txt"), counts);
      return outcome;
    }
  }
}
