package sluice.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.vfio.PciFunction;

/** The drive is pulled out and put back; each test has a machine of its own. */
class QemuUnplugTest {
  @RegisterExtension
  final QemuNvme qemu =
      QemuNvme.withDrive(drive -> drive.memory("64M").namespace(ns -> ns.size("1M")));

  @Test
  void readsAllOnesOnceUnplugged(PciFunction drive) {
    new HandDriver(drive).enable();

    qemu.machine().unplug();

    assertThat(drive.isPresent()).isFalse();
    assertThat(drive.bar(0).read32(HandDriver.CSTS)).isEqualTo(-1);
    assertThat(drive.bar(0).read64(HandDriver.CAP)).isEqualTo(-1);
    assertThat(drive.config().isPresent()).isFalse();
    drive.bar(0).write32(HandDriver.CC, 1);
    drive.config().enableBusMaster();
    drive.close();
    assertThatThrownBy(() -> qemu.machine().open())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the drive is unplugged: plug it first");
  }

  @Test
  void comesBackForANewOwnerOnly(PciFunction drive, QemuMachine machine) {
    new HandDriver(drive).enable();

    machine.unplug();
    machine.plug();

    assertThat(drive.isPresent()).isFalse();
    assertThat(drive.bar(0).read32(HandDriver.VS)).isEqualTo(-1);
    drive.close();
    PciFunction next = qemu.open();
    assertThat(next.isPresent()).isTrue();
    HandDriver driver = new HandDriver(next);
    driver.enable();
    DmaMemory page = next.dma().allocate(4096);
    assertThat(driver.identify(0, 2, page)).as("namespaces stay").isZero();
    assertThat(OffHeap.getLong(page.address())).isEqualTo(2048);
  }

  @Test
  void goesAndComesManyTimes(QemuMachine machine) {
    for (int i = 0; i < 5; i++) {
      try (PciFunction drive = machine.open()) {
        new HandDriver(drive).enable();
        machine.unplug();
      }
      machine.plug();
    }
    try (PciFunction drive = machine.open()) {
      new HandDriver(drive).enable();
      assertThat(drive.isPresent()).isTrue();
    }
  }
}
