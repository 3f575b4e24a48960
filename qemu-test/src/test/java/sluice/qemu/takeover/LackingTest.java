package sluice.qemu.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.qemu.takeover.Commands.STANDBY;
import static sluice.qemu.takeover.Commands.failingSluice;
import static sluice.qemu.takeover.Commands.sluice;
import static sluice.qemu.takeover.Commands.startsFromItsCache;
import static sluice.qemu.takeover.Commands.succeed;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import sluice.qemu.guest.Guest;
import sluice.qemu.guest.GuestKernel;
import sluice.qemu.guest.GuestMachine;

/** What a machine may lack: each is told in a line, and the doctor finds it. */
@Order(2)
@Tag("guest")
class LackingTest {
  private static GuestMachine machine() {
    return Commands.in(new GuestMachine()).drive(drive -> drive.size("64M").serial("S-1"));
  }

  private static String doctor(Guest guest) {
    return succeed(guest, STANDBY + " doctor || true");
  }

  @Test
  void anIommu() {
    try (Guest guest = Guest.boot(machine().withoutIommu())) {
      assertThat(failingSluice(guest, "bind " + guest.address(0)))
          .contains(guest.address(0) + " is in no IOMMU group: ", "IOMMU (QEMU: -device");
      assertThat(doctor(guest))
          .containsPattern("MISSING +IOMMU +off: .*have the host give this virtual machine");
    }
  }

  @Test
  void theFilesOfVfioAndTheDriver() {
    try (Guest guest = Guest.boot(machine())) {
      String address = guest.address(0);
      assertThat(failingSluice(guest, "info pci:" + address))
          .contains("the kernel's driver nvme holds it", "sluice bind " + address);
      assertThat(failingSluice(guest, "info pci:0000:77:00.0"))
          .contains("there is no PCI function 0000:77:00.0");
      sluice(guest, "bind " + address);
      assertThat(sluice(guest, "info pci:" + address)).contains("S-1");

      guest.check("mv /dev/vfio /dev/vfio.away");
      assertThat(failingSluice(guest, "info pci:" + address))
          .contains("/dev/vfio/vfio does not exist", "modprobe vfio-pci");
      assertThat(doctor(guest)).containsPattern("MISSING +modules +there is neither");
      guest.check("mv /dev/vfio.away /dev/vfio");

      guest.check("sleep 1000 </dev/vfio/$(ls /dev/vfio | grep -v vfio) >/dev/null 2>&1 &");
      assertThat(failingSluice(guest, "info pci:" + address))
          .contains("is in use by another process");
      assertThat(failingSluice(guest, "unbind " + address))
          .contains("is in use by process", "(sleep)");
      guest.check("killall sleep");
      sluice(guest, "unbind " + address);
    }
  }

  @Test
  void anIommuButNothingIsInTheWay() {
    GuestMachine small =
        machine()
            .kernel(GuestKernel.small())
            .withoutIommu()
            .kernelArgument("vfio.enable_unsafe_noiommu_mode=1");
    try (Guest guest = Guest.boot(small)) {
      startsFromItsCache(guest);
      String address = guest.address(0);
      sluice(guest, "bind " + address);
      assertThat(failingSluice(guest, "info pci:" + address))
          .contains("nothing translates its addresses", "?iommu=unsafe");
      assertThat(failingSluice(guest, "info pci:" + address + "?iommu=unsafe"))
          .contains("huge pages", "sysctl vm.nr_hugepages");
      guest.check("echo 8 >/proc/sys/vm/nr_hugepages");
      assertThat(sluice(guest, "info pci:" + address + "?iommu=unsafe")).contains("S-1");
    }
  }
}
