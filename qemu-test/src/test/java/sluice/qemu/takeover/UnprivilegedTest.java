package sluice.qemu.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.qemu.takeover.Commands.STANDBY;
import static sluice.qemu.takeover.Commands.asUser;
import static sluice.qemu.takeover.Commands.fail;
import static sluice.qemu.takeover.Commands.sluice;
import static sluice.qemu.takeover.Commands.succeed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.qemu.guest.Guest;
import sluice.qemu.guest.GuestExtension;

/** A user without privileges: what works once the group's file is his, and what is told before. */
@Order(2)
@Tag("guest")
class UnprivilegedTest {
  private static final int ENOUGH_KIB = 64 << 10;
  private static final int TOO_FEW_KIB = 1 << 10;

  @RegisterExtension
  static final GuestExtension guests =
      GuestExtension.with(
          machine -> Commands.in(machine).drive(drive -> drive.size("64M").serial("S-1")));

  private String address;

  @BeforeEach
  void address(Guest guest) {
    address = guest.address(0);
  }

  @AfterEach
  void giveBack(Guest guest) {
    sluice(guest, "unbind " + address);
  }

  private String info(Guest guest, int memlockKib) {
    return fail(guest, asUser(STANDBY + " info pci:" + address, memlockKib));
  }

  private String doctor(Guest guest, int memlockKib) {
    return succeed(guest, asUser(STANDBY + " doctor", memlockKib) + " || true");
  }

  @Test
  void recordsAndPlays(Guest guest) {
    sluice(guest, "bind " + address + " --owner user");
    String drive = "pci:" + address;
    succeed(guest, asUser(STANDBY + " init " + drive, ENOUGH_KIB));
    succeed(
        guest,
        asUser(
            STANDBY
                + " record "
                + drive
                + " --name mine --ring 16M --from generator:size=8M,rate=40MB/s",
            ENOUGH_KIB));
    succeed(guest, asUser(STANDBY + " play " + drive + " mine --to file:/tmp/mine", ENOUGH_KIB));
    assertThat(guest.check("stat -c '%s %U' /tmp/mine")).isEqualTo("8388608 user");
    assertThat(doctor(guest, ENOUGH_KIB)).containsPattern("good +" + address + " .*may open it");
  }

  @Test
  void aFileThatIsNotHis(Guest guest) {
    sluice(guest, "bind " + address);
    String group = guest.check("ls /dev/vfio | grep -v vfio");
    assertThat(info(guest, ENOUGH_KIB))
        .contains("no permission for /dev/vfio/" + group)
        .contains("chown user /dev/vfio/" + group);
    assertThat(doctor(guest, ENOUGH_KIB))
        .containsPattern("MISSING +" + address + " .*chown user /dev/vfio/" + group);
  }

  @Test
  void tooLittleMemoryToLock(Guest guest) {
    sluice(guest, "bind " + address + " --owner user");
    String drive = "pci:" + address;
    String record =
        STANDBY + " record " + drive + " --name mine --ring 8M --from generator:size=1M";
    assertThat(fail(guest, asUser(record, TOO_FEW_KIB)))
        .contains("the limit (ulimit -l) is 1024 KiB and ")
        .contains("LimitMEMLOCK=");
    assertThat(doctor(guest, TOO_FEW_KIB)).containsPattern("MISSING +memlock .*1024 KiB");
  }
}
