package sluice.qemu.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.qemu.takeover.Commands.sluice;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import sluice.qemu.guest.Guest;
import sluice.qemu.guest.GuestMachine;
import sluice.qemu.served.ServedDrives;

/**
 * The driver in a guest on a drive that sluice serves outside: between both ends are the guest's
 * VFIO, its IOMMU, which gives the server each page by itself, and QEMU's client of vfio-user.
 */
@Order(2)
@Tag("guest")
class ServedDriveTest {
  private static final String ADDRESS = "0000:01:00.0";

  @Test
  void aDriveIsTakenRecordedToAndGivenBack() throws IOException {
    Map<String, String> drives = Map.of("drive", "virtual:memory?size=128M");
    try (ServedDrives served = ServedDrives.start(drives);
        Guest guest = Guest.boot(Commands.in(new GuestMachine()).target(served.socket("drive")))) {
      assertThat(sluice(guest, "list")).containsPattern(ADDRESS + " +nvme .*sluice virtual drive");
      sluice(guest, "bind " + ADDRESS);
      String drive = "pci:" + ADDRESS;
      sluice(guest, "init " + drive);
      sluice(
          guest,
          "record " + drive + " --name first --ring 32M --from generator:size=20M,rate=50MB/s");
      assertThat(sluice(guest, "check " + drive + " --completions interrupts"))
          .contains("gapless, every byte verified");
      sluice(guest, "unbind " + ADDRESS);
      String _ = guest.check("until [ -b /dev/nvme0n1 ]; do usleep 50000; done");
      String _ = guest.check("dd if=/dev/nvme0n1 of=/dev/null bs=1M count=64 iflag=direct");
      assertThat(
              guest.check(
                  "dmesg -r | grep '^<[0-4]>' | grep -i -E 'nvme|vfio|DMAR.*fault' || true"))
          .isEmpty();
    }
  }
}
