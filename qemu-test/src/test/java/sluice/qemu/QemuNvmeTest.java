package sluice.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.vfio.ConfigSpace;
import sluice.vfio.PciFunction;

/** The extension's own promises. */
class QemuNvmeTest {
  private static final Set<Long> CLASS_PIDS = new HashSet<>();
  private static final Set<Long> TEST_PIDS = new HashSet<>();

  @RegisterExtension
  static final QemuNvme perClass =
      QemuNvme.withDrive(drive -> drive.ioQueuePairs(3).msixVectors(4));

  @RepeatedTest(2)
  void startsOnceForTheClass() {
    CLASS_PIDS.add(perClass.machine().pid());

    assertThat(CLASS_PIDS).hasSize(1);
  }

  @RepeatedTest(2)
  void handsOutTheFunctionAnewToEveryTest(PciFunction drive, QemuMachine machine, Qmp qmp) {
    assertThat(drive.config().read16(ConfigSpace.COMMAND) & ConfigSpace.COMMAND_BUS_MASTER)
        .isZero();
    drive.config().enableBusMaster();
    assertThat(machine).isSameAs(perClass.machine());
    assertThat(qmp).isSameAs(perClass.qmp());
  }

  @Test
  void passesLimitsOn(PciFunction drive) {
    int msix = drive.config().capability(ConfigSpace.CAPABILITY_MSIX).orElseThrow();

    assertThat(drive.config().read16(msix + 2) & 0x7ff).isEqualTo(3);
  }

  @Test
  void tellsOfEventsInAnyOrder(Qmp qmp) {
    Object _ = qmp.execute("stop");
    Object _ = qmp.execute("cont");

    assertThat(qmp.awaitEvent("RESUME").get("event")).isEqualTo("RESUME");
    assertThat(qmp.awaitEvent("STOP").get("event")).isEqualTo("STOP");
  }

  @Nested
  class InANestedClass {
    @Test
    void theMachineIsTheSame() {
      CLASS_PIDS.add(perClass.machine().pid());

      assertThat(CLASS_PIDS).hasSize(1);
    }
  }

  @Nested
  class PerTest {
    @RegisterExtension final QemuNvme perTest = QemuNvme.withDrive(drive -> drive.memory("64M"));

    @RepeatedTest(2)
    void startsForEveryTest(RepetitionInfo info) {
      TEST_PIDS.add(perTest.machine().pid());

      assertThat(TEST_PIDS).hasSize(info.getCurrentRepetition());
      assertThat(perTest.open().isPresent()).isTrue();
      assertThat(TEST_PIDS).doesNotContain(perClass.machine().pid());
    }
  }

  @Test
  void hasNoMachineOutsideOfTests() {
    QemuNvme idle = QemuNvme.withDrive(drive -> drive);

    assertThatThrownBy(idle::machine)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("QEMU runs only during a test");
  }
}
