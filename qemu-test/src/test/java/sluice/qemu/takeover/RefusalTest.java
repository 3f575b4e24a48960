package sluice.qemu.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.qemu.takeover.Commands.failingSluice;
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

/** What is in use is not pulled away from under its users, and each refusal says why. */
@Order(2)
@Tag("guest")
class RefusalTest {
  private static final String NEIGHBOURS = "0000:00:18.";

  @RegisterExtension
  static final GuestExtension guests =
      GuestExtension.with(machine ->
          Commands.in(machine)
              .drive(drive -> drive.size("64M").serial("S-1"))
              .module("dm-mod")
              .qemuArguments("-device", "nvme,serial=left,addr=18.0,multifunction=on")
              .qemuArguments("-device", "nvme,serial=right,addr=18.1"));

  private String address;
  private String disk;

  @BeforeEach
  void empty(Guest guest) {
    address = guest.address(0);
    disk = "/dev/" + guest.check("ls /sys/bus/pci/devices/" + address + "/nvme") + "n1";
    guest.check("dd if=/dev/zero of=" + disk + " bs=1M count=1 status=none");
  }

  @AfterEach
  void isStillTheKernels(Guest guest) {
    assertThat(guest.check("basename $(readlink /sys/bus/pci/devices/" + address + "/driver)"))
        .isEqualTo("nvme");
  }

  private String refusal(Guest guest) {
    String why = failingSluice(guest, "bind " + address);
    assertThat(why).startsWith("sluice bind: " + address);
    return why;
  }

  private void partition(Guest guest) {
    succeed(guest, "printf 'n\\np\\n1\\n\\n\\nw\\n' | fdisk " + disk + " >/dev/null 2>&1");
    succeed(guest, "while ! [ -b " + disk + "p1 ]; do usleep 50000; done");
  }

  private void unpartition(Guest guest) {
    guest.check(
        "dd if=/dev/zero of=" + disk + " bs=1M count=1 status=none; blockdev --rereadpt " + disk);
  }

  @Test
  void aMountedPartition(Guest guest) {
    partition(guest);
    succeed(guest, "mke2fs " + disk + "p1 >/dev/null && mount " + disk + "p1 /mnt");
    assertThat(refusal(guest)).contains(" is in use: " + disk + "p1 is mounted on /mnt");
    assertThat(sluice(guest, "list")).contains(disk + "p1 is mounted on /mnt");
    guest.check("umount /mnt");
    unpartition(guest);
  }

  @Test
  void aMountThatOnlyAnotherNamespaceSees(Guest guest) {
    succeed(guest, "mke2fs " + disk + " >/dev/null");
    guest.check(
        "unshare -m sh -c 'mount --make-rprivate / 2>/dev/null; mount "
            + disk
            + " /mnt && echo $$ >/tmp/pid && exec sleep 1000' >/dev/null 2>&1 &"
            + " while ! [ -s /tmp/pid ]; do usleep 50000; done; ! grep -q /mnt /proc/mounts");
    assertThat(refusal(guest)).contains(disk + " is mounted on /mnt, as process ");
    guest.check("kill $(cat /tmp/pid); rm /tmp/pid");
    guest.check("while ! dd if=/dev/zero of=" + disk + " bs=1M count=1 status=none; do :; done");
  }

  @Test
  void swap(Guest guest) {
    succeed(guest, "mkswap " + disk + " >/dev/null && swapon " + disk);
    assertThat(refusal(guest)).contains(" is in use: " + disk + " is swap space in use");
    guest.check("swapoff " + disk);
  }

  @Test
  void aHolder(Guest guest) {
    succeed(guest, "java " + DeviceMapper.class.getName() + " held " + disk + " 2048");
    assertThat(refusal(guest))
        .contains(" is in use: " + disk + " is part of the device mapper's dm-0 (held)");
    succeed(guest, "java " + DeviceMapper.class.getName() + " held");
  }

  @Test
  void aPartitionTable(Guest guest) {
    partition(guest);
    assertThat(refusal(guest))
        .contains(" holds data: " + disk + " has partitions")
        .contains("--serial");
    unpartition(guest);
  }

  @Test
  void aSignature(Guest guest) {
    succeed(guest, "mke2fs " + disk + " >/dev/null");
    assertThat(refusal(guest))
        .contains(" holds data: " + disk + " holds an ext2, ext3 or ext4 file system");
    assertThat(failingSluice(guest, "bind " + address + " --serial S-2"))
        .contains("its serial number is not 'S-2'");
  }

  @Test
  void anOpenFile(Guest guest) {
    guest.check("sleep 1000 <" + disk + " >/dev/null 2>&1 & echo $! >/tmp/pid");
    assertThat(refusal(guest)).contains(disk + " is open in process ").contains("(sleep)");
    guest.check("kill $(cat /tmp/pid); rm /tmp/pid");
  }

  @Test
  void theGroupsNeighbour(Guest guest) {
    assertThat(failingSluice(guest, "bind " + NEIGHBOURS + "0"))
        .contains(NEIGHBOURS + "1, which shares its IOMMU group, is held by the driver nvme");
    assertThat(succeed(guest, Commands.STANDBY + " doctor || true"))
        .containsPattern("MISSING +" + NEIGHBOURS + "0 +shares IOMMU group");
  }

  @Test
  void aSerialNumberSaysThatDataMayGo(Guest guest) {
    succeed(guest, "mke2fs " + disk + " >/dev/null");
    sluice(guest, "bind " + address + " --serial S-1");
    assertThat(failingSluice(guest, "init pci:" + address)).contains("ext", "--serial");
    assertThat(failingSluice(guest, "init pci:" + address + " --force")).contains("--serial");
    sluice(guest, "init pci:" + address + " --serial S-1");
    sluice(guest, "unbind " + address);
    succeed(guest, "while ! [ -b " + disk + " ]; do usleep 50000; done");
  }
}
