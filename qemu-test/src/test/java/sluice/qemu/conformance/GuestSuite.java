package sluice.qemu.conformance;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import sluice.qemu.Patience;
import sluice.qemu.QemuException;
import sluice.qemu.guest.Guest;
import sluice.qemu.guest.GuestMachine;
import sluice.qemu.guest.GuestTests;

/**
 * The suite inside a guest, where the driver gets its drives from a Linux kernel as on a machine of
 * metal. It is started by tests outside this package, which is taken whole into the guest.
 */
public final class GuestSuite {
  /** Tags what starts QEMU itself, or needs no drive of the guest. */
  static final String NOT_IN_GUESTS = "not-in-guests";

  private static final Path TARGET = Path.of("target");
  private static final Path CRASHES = TARGET.resolve("qemu-crashes.txt");
  private static final int MOST_CRASHES = 3;
  private static final int MOST_OF_IT = 200;
  private static final int MUCH_OF_IT = 60;

  private static final List<Class<?>> MAPPED_MEMORY =
      List.of(
          BringUpTest.class,
          FunctionResetTest.class,
          OpenTest.class,
          QueueTest.class,
          RecordTest.class,
          RecoveryTest.class,
          RingTest.class,
          TransferTest.class);

  private static final List<Class<?>> INTERRUPTS =
      List.of(
          BringUpTest.class,
          EventTest.class,
          FunctionResetTest.class,
          InterruptTest.class,
          IoCommandTest.class,
          OpenTest.class,
          PciEventTest.class,
          QueueLifeTest.class,
          QueueTest.class,
          RandomIoTest.class,
          RecordTest.class,
          RecoveryTest.class,
          RingTest.class);

  /** How long a test may take; each tells when it begins and when it ends. */
  private static final Duration SILENCE = Duration.ofMinutes(4);

  private GuestSuite() {}

  /** Runs the whole suite, which has to pass. */
  public static void passes(String rig, GuestMachine machine) throws IOException {
    GuestTests suite =
        new GuestTests(rig)
            .selectPackage(GuestSuite.class.getPackageName())
            .excludeTag(NOT_IN_GUESTS)
            .excludeTag(HugePages.TAG);
    assertPasses(run(rig, suite, machine), rig, MOST_OF_IT);
  }

  /** What depends on how memory is mapped for the drive: bring-up, transfers, queues, resets. */
  public static void passesWithMappedMemory(String rig, GuestMachine machine) throws IOException {
    assertPasses(run(rig, select(rig, MAPPED_MEMORY), machine), rig, MUCH_OF_IT);
  }

  /** The same in a guest that has huge pages, which the driver has to use. */
  public static void passesWithHugePages(String rig, GuestMachine machine) throws IOException {
    GuestTests suite = select(rig, MAPPED_MEMORY).selectClass(HugePages.class.getName());
    machine.kernelArgument("hugepages=96");
    assertPasses(run(rig, suite, machine), rig, MUCH_OF_IT);
  }

  /** What depends on how completions are learned of: waits, events, queues that come and go. */
  public static void passesWithInterrupts(String rig, GuestMachine machine) throws IOException {
    assertPasses(run(rig, select(rig, INTERRUPTS), machine), rig, MUCH_OF_IT);
  }

  private static GuestTests select(String rig, List<Class<?>> classes) {
    GuestTests suite = new GuestTests(rig);
    classes.forEach(each -> suite.selectClass(each.getName()));
    return suite;
  }

  private static void assertPasses(GuestTests.Outcome outcome, String rig, int least) {
    assertThat(outcome.failed()).as("failures, see TEST-%s.xml", rig).isZero();
    assertThat(outcome.tests()).as("tests that ran").isGreaterThan(least);
  }

  /**
   * Boots a guest and runs tests in it. Their report is put beside this JVM's, {@code
   * TEST-guest-type1-polled.xml} and so on, and the counts as {@link RigCounts} has them.
   *
   * <p>QEMU 7.2 may crash when its controller is reset while it writes (see {@link RandomIoTest}).
   * That says nothing of the driver: the run is made again, some times, and {@code
   * qemu-crashes.txt} tells of it.
   *
   * @param rig for example {@code guest-type1-polled}
   * @param machine gets the suite's drives
   */
  private static GuestTests.Outcome run(String rig, GuestTests suite, GuestMachine machine)
      throws IOException {
    for (TestDrive drive : TestDrive.values()) {
      machine.drive(drive::describe);
    }
    suite
        .property("sluice.rigs", rig)
        .property(Patience.PROPERTY, Double.toString(Patience.pace()))
        .silence(SILENCE);
    for (int crashes = 0; ; crashes++) {
      try (Guest guest = Guest.boot(machine)) {
        try {
          return run(rig, suite, guest);
        } catch (QemuException e) {
          if (!guest.hasCrashed() || crashes == MOST_CRASHES) {
            throw e;
          }
          Files.writeString(CRASHES, e.getMessage() + "\n", CREATE, APPEND);
        }
      }
    }
  }

  private static GuestTests.Outcome run(String rig, GuestTests suite, Guest guest)
      throws IOException {
    List<String> addresses = new ArrayList<>();
    for (int i = 0; i < TestDrive.values().length; i++) {
      addresses.add(guest.bind(i));
    }
    GuestTests.Outcome outcome =
        suite
            .property(GuestRig.DRIVES, String.join(",", addresses))
            .run(guest, TARGET.resolve("surefire-reports"), System.out::writeBytes);
    byte[] counts = guest.fetch("/" + RigCounts.FILE);
    Files.write(TARGET.resolve("conformance-" + rig + ".txt"), counts);
    return outcome;
  }
}
