package sluice.qemu.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.qemu.takeover.Commands.number;
import static sluice.qemu.takeover.Commands.process;
import static sluice.qemu.takeover.Commands.sluice;
import static sluice.qemu.takeover.Commands.startsFromItsCache;
import static sluice.qemu.takeover.Commands.succeed;

import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.qemu.guest.Guest;
import sluice.qemu.guest.GuestExtension;

/** From the kernel's driver to sluice, a recording, and back. */
@Order(2)
@Tag("guest")
class TakeoverTest {
  @RegisterExtension
  static final GuestExtension guests =
      GuestExtension.with(
          machine -> Commands.in(machine).drive(drive -> drive.size("128M").serial("S-0815")));

  private static String driver(Guest guest, String address) {
    return guest.check("basename $(readlink /sys/bus/pci/devices/" + address + "/driver)");
  }

  @Test
  void theCommandStartsFromItsCache(Guest guest) {
    startsFromItsCache(guest);
  }

  @Test
  void aDriveIsTakenRecordedToAndGivenBack(Guest guest) {
    String address = guest.address(0);
    assertThat(driver(guest, address)).isEqualTo("nvme");
    assertThat(sluice(guest, "list"))
        .containsPattern(address + " +nvme +nvme0 +128 MiB .*QEMU NVMe Ctrl +free");
    assertThat(sluice(guest, "list -o json")).contains("\"S-0815\"", "\"nvme0n1\"");

    assertThat(sluice(guest, "bind --dry-run " + address))
        .contains("driver/unbind", "echo vfio-pci >", "drivers_probe");
    assertThat(driver(guest, address)).as("a dry run does nothing").isEqualTo("nvme");

    process(guest, "bind " + address);
    assertThat(driver(guest, address)).isEqualTo("vfio-pci");
    assertThat(sluice(guest, "list")).containsPattern(address + " +vfio-pci .* free");

    String drive = "pci:" + address;
    process(guest, "init " + drive);
    String recorded =
        process(
            guest,
            "record " + drive + " --name first --from generator:size=20M,rate=50MB/s -o json");
    process(guest, "play " + drive + " first --to file:/tmp/played");
    process(guest, "check " + drive);

    sluice(guest, "unbind " + address);
    assertThat(driver(guest, address)).isEqualTo("nvme");
    String blocks = "[ $(stat -c %s /tmp/played) = 20971520 ] && ";
    String wait = "while ! [ -b /dev/nvme0n1 ]; do usleep 50000; done; ";
    long at = number(recorded, "address");
    assertThat(at % 4096).isZero();
    succeed(
        guest,
        wait
            + blocks
            + "dd if=/dev/nvme0n1 bs=4096 skip="
            + at / 4096
            + " count=5120 status=none | cmp - /tmp/played");
  }

  /** Where a drive has interrupts, and is none that tells its own steps. */
  @Test
  void aDriveIsMeasuredInAllModesAndStepByStep(Guest guest) {
    String address = guest.address(0);
    sluice(guest, "bind " + address);
    String modes =
        sluice(
            guest,
            "bench modes --runtime 200ms --rounds 1 --iodepth 1,8 --queues 2 --drive pci:"
                + address);
    for (String mode : List.of("polled", "hybrid", "interrupts")) {
      assertThat(modes)
          .containsPattern("(?m)^  1 +1 +1  " + mode + " +[1-9]")
          .containsPattern("(?m)^  8 +1 +8  " + mode + " +[1-9]")
          .containsPattern("(?m)^  8 +2 +4  " + mode + " +[1-9]");
    }
    String steps =
        sluice(guest, "bench anatomy --count 300 pci:" + address + " virtual:null?size=1G");
    assertThat(steps)
        .containsPattern("(?m)^completion seen +A +[1-9]")
        .containsPattern("(?m)^  entry fetched +B +[1-9]")
        .doesNotContainPattern("(?m)^  entry fetched +A");
    sluice(guest, "unbind " + address);
    assertThat(driver(guest, address)).isEqualTo("nvme");
  }
}
