package sluice.vfio.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.vfio.PciAddress;
import sluice.vfio.discovery.FakeHost;
import sluice.vfio.discovery.KernelDrive;
import sluice.vfio.discovery.PciDevice;

class ObstaclesTest {
  private static final String DRIVE = "0000:01:00.0";

  @TempDir private Path root;
  private FakeHost fake;
  private PciDevice device;

  @BeforeEach
  void make() {
    fake = new FakeHost(root);
    device = fake.drive(DRIVE);
    fake.kernelDrive(DRIVE, "nvme0").disk(DRIVE, "nvme0", "nvme0n1").group(3, DRIVE);
    fake.process(1, "init", "mnt:[1]", "22 1 8:1 / / rw - ext4 /dev/sda1 rw");
    fake.process(100, "sh", "mnt:[1]", "22 1 8:1 / / rw - ext4 /dev/sda1 rw");
    fake.link("proc/self", "100");
  }

  private List<String> uses() {
    return reasons(Obstacle.Kind.IN_USE);
  }

  private List<String> data() {
    return reasons(Obstacle.Kind.DATA);
  }

  private List<String> reasons(Obstacle.Kind kind) {
    return Obstacles.of(device).stream()
        .filter(obstacle -> obstacle.kind() == kind)
        .map(Obstacle::reason)
        .toList();
  }

  @Test
  void anEmptyDiskIsFree() {
    assertThat(Obstacles.of(device)).isEmpty();
  }

  @Test
  void aMount() {
    fake.partition(DRIVE, "nvme0", "nvme0n1", "nvme0n1p1");
    fake.process(1, "init", "mnt:[1]", "40 22 259:1 / /my\\040data rw - xfs /dev/nvme0n1p1 rw");
    fake.process(100, "sh", "mnt:[1]", "40 22 259:1 / /my\\040data rw - xfs /dev/nvme0n1p1 rw");
    assertThat(uses()).containsExactly("/dev/nvme0n1p1 is mounted on /my data");
  }

  @Test
  void aMountThatOnlyAnotherNamespaceSees() {
    fake.process(777, "container", "mnt:[2]", "40 22 259:0 / /data rw shared:1 - xfs /dev/x rw");
    assertThat(uses()).containsExactly("/dev/nvme0n1 is mounted on /data, as process 777 sees it");
  }

  @Test
  void theRootOfTheSystem() {
    fake.process(1, "init", "mnt:[1]", "22 1 259:0 / / rw - ext4 /dev/nvme0n1 rw");
    fake.process(100, "sh", "mnt:[1]", "22 1 259:0 / / rw - ext4 /dev/nvme0n1 rw");
    assertThat(uses()).containsExactly("/dev/nvme0n1 is mounted on /, as the root of process 1");
  }

  @Test
  void aMountWhoseNumberIsNotTheDisks() {
    fake.process(100, "sh", "mnt:[3]", "40 22 0:44 / /pool rw - btrfs /dev/nvme0n1 rw");
    assertThat(uses()).containsExactly("/dev/nvme0n1 is mounted on /pool");
  }

  @Test
  void aMemberOfAMountedBtrfs() {
    fake.directory("sys/fs/btrfs/6a7c/devices/nvme0n1");
    assertThat(uses())
        .containsExactly("/dev/nvme0n1 is part of a Btrfs file system that is mounted");
  }

  @Test
  void swap() {
    fake.file(
        "proc/swaps",
        "Filename\tType\tSize\tUsed\tPriority\n/dev/nvme0n1   partition\t100\t0\t-2\n");
    assertThat(uses()).containsExactly("/dev/nvme0n1 is swap space in use");
  }

  @Test
  void holders() {
    fake.partition(DRIVE, "nvme0", "nvme0n1", "nvme0n1p1");
    fake.holder("nvme0n1", "md127").holder("nvme0n1", "bcache0");
    fake.holder("nvme0n1p1", "dm-0").holder("nvme0n1p1", "dm-1").holder("nvme0n1p1", "dm-2");
    fake.file("sys/class/block/dm-0/dm/name", "vg-root\n");
    fake.file("sys/class/block/dm-0/dm/uuid", "LVM-abc\n");
    fake.file("sys/class/block/dm-1/dm/name", "secret\n");
    fake.file("sys/class/block/dm-1/dm/uuid", "CRYPT-LUKS2-abc\n");
    assertThat(uses())
        .containsExactly(
            "/dev/nvme0n1 is part of the device bcache0",
            "/dev/nvme0n1 is part of the RAID md127",
            "/dev/nvme0n1p1 is part of the logical volume dm-0 (vg-root)",
            "/dev/nvme0n1p1 is part of the encrypted volume dm-1 (secret)",
            "/dev/nvme0n1p1 is part of the device mapper's dm-2");
  }

  @Test
  void exports() {
    fake.file(
        "sys/kernel/config/nvmet/subsystems/nqn.a/namespaces/1/device_path", "/dev/nvme0n1\n");
    fake.file("sys/kernel/config/target/core/iblock_0/disk0/udev_path", "/dev/nvme0n1\n");
    fake.file("sys/block/loop3/loop/backing_file", "/dev/nvme0n1\n");
    fake.file("sys/block/loop4/loop/backing_file", "/tmp/file\n");
    assertThat(uses())
        .containsExactly(
            "/dev/nvme0n1 is exported over NVMe-oF as nqn.a",
            "/dev/nvme0n1 is exported over SCSI as disk0",
            "/dev/nvme0n1 is behind the loop device loop3");
  }

  @Test
  void exportsByAnotherNameOfTheDisk() {
    fake.link("dev/disk/by-id/nvme-A", "../../nvme0n1");
    fake.file(
        "sys/kernel/config/nvmet/subsystems/nqn.a/namespaces/1/device_path",
        "/dev/disk/by-id/nvme-A\n");
    fake.file("sys/block/loop3/loop/backing_file", "/dev/nvme0n1 (deleted)\n");
    assertThat(uses()).containsExactly("/dev/nvme0n1 is exported over NVMe-oF as nqn.a");
  }

  @Test
  void aControllerThatIsExportedAsAWhole() {
    fake.file("sys/kernel/config/nvmet/subsystems/nqn.b/passthru/device_path", "/dev/nvme0\n");
    assertThat(uses()).containsExactly("/dev/nvme0 is exported over NVMe-oF as nqn.b");
  }

  @Test
  void swapByAnotherNameOfTheDisk() {
    fake.link("dev/swap-disk", "nvme0n1");
    fake.file("proc/swaps", "Filename Type Size Used Priority\n/dev/swap-disk partition 9 0 -2\n");
    assertThat(uses()).containsExactly("/dev/nvme0n1 is swap space in use");
  }

  @Test
  void aNamespaceWhoseFirstProcessEndsMeanwhile() throws Exception {
    fake.process(500, "short", "mnt:[2]", "");
    Files.delete(fake.path("proc/500/mountinfo"));
    fake.process(600, "long", "mnt:[2]", "40 22 259:0 / /data rw - xfs /dev/x rw");
    assertThat(uses()).containsExactly("/dev/nvme0n1 is mounted on /data, as process 600 sees it");
  }

  @Test
  void openNamespacesThatTakeAnyCommand() {
    fake.process(55, "fio", "mnt:[1]").open(55, 3, "/dev/ng0n1").open(55, 4, "/dev/ng0n1");
    assertThat(uses()).containsExactly("/dev/nvme0n1 is open in process 55 (fio)");
  }

  @Test
  void openFiles() {
    fake.process(55, "fio", "mnt:[1]").open(55, 3, "/dev/nvme0n1").open(55, 4, "/dev/nvme0");
    assertThat(uses())
        .containsExactly(
            "/dev/nvme0n1 is open in process 55 (fio)", "/dev/nvme0 is open in process 55 (fio)");
  }

  @Test
  void neighbours() {
    fake.function("0000:01:00.1", "0x020000");
    fake.function("0000:01:00.2", "0x020000");
    fake.function("0000:01:00.3", "0x020000");
    fake.function("0000:00:01.0", "0x060400");
    fake.driver("0000:01:00.1", "e1000e").driver("0000:01:00.2", "vfio-pci");
    fake.driver("0000:00:01.0", "pcieport");
    fake.group(3, DRIVE, "0000:01:00.1", "0000:01:00.2", "0000:01:00.3", "0000:00:01.0");
    assertThat(uses())
        .containsExactly(
            "0000:01:00.1, which shares its IOMMU group, is held by the driver e1000e, and both"
                + " can only be taken together");
  }

  @Test
  void aBridgeThatIsNotOfPci() {
    fake.function("0000:00:1f.0", "0x060100");
    fake.driver("0000:00:1f.0", "lpc_ich").group(3, DRIVE, "0000:00:1f.0");
    assertThat(uses())
        .containsExactly(
            "0000:00:1f.0, which shares its IOMMU group, is held by the driver lpc_ich, and both"
                + " can only be taken together");
  }

  @Test
  void aNeighbourThatAProcessHas() {
    fake.function("0000:01:00.1", "0x020000");
    fake.driver("0000:01:00.1", "vfio-pci").group(3, DRIVE, "0000:01:00.1");
    fake.file("dev/vfio/3", "").process(9, "qemu", "mnt:[1]").open(9, 5, "/dev/vfio/3");
    assertThat(uses())
        .containsExactly(
            "0000:01:00.1, which shares its IOMMU group, is in use by process 9 (qemu)");
  }

  @Test
  void aFunctionThatAProcessHas() {
    fake.driver(DRIVE, "vfio-pci").file("dev/vfio/3", "");
    assertThat(uses()).isEmpty();
    fake.process(9, "java", "mnt:[1]").open(9, 5, "/dev/vfio/3");
    assertThat(uses()).containsExactly("0000:01:00.0 is open in process 9 (java)");
  }

  @Test
  void partitions() {
    fake.partition(DRIVE, "nvme0", "nvme0n1", "nvme0n1p1");
    assertThat(data()).containsExactly("/dev/nvme0n1 has partitions (nvme0n1p1, …)");
    assertThat(uses()).isEmpty();
  }

  @Test
  void aSignature() {
    fake.file("dev/nvme0n1", "XFSB" + "\0".repeat(4096));
    assertThat(data()).containsExactly("/dev/nvme0n1 holds an XFS file system");
  }

  @Test
  void dataThatNothingAnnounces() {
    fake.file("dev/nvme0n1", "\0".repeat(8192) + "a recording without a layout");
    assertThat(data()).containsExactly("/dev/nvme0n1 holds data of an unknown kind (at byte 8192)");
  }

  @Test
  void recordingsAreToldAndNotInTheWay() {
    fake.file("dev/nvme0n1", "SLUICVOL" + "\0".repeat(4096) + "a recording");
    assertThat(reasons(Obstacle.Kind.NOTE))
        .containsExactly("/dev/nvme0n1 holds recordings, or is made for them");
    assertThat(data()).isEmpty();
    assertThat(new Binding(device, _ -> {}).refusal(Obstacles.of(device), null)).isEmpty();
  }

  @Test
  void anotherPortOfTheSameDriveIsToldAndWhatItIsUsedForIsInTheWay() {
    String other = "0000:02:00.0";
    fake.drive(other);
    fake.kernelDrive(other, "nvme1").disk(other, "nvme1", "nvme1n1");
    assertThat(reasons(Obstacle.Kind.NOTE))
        .containsExactly("0000:02:00.0, held by nvme, is another port of the same drive");
    assertThat(uses()).isEmpty();
    fake.process(100, "sh", "mnt:[3]", "40 22 259:1 / /data rw - xfs /dev/nvme1n1 rw");
    assertThat(uses()).containsExactly("/dev/nvme1n1 is mounted on /data");
  }

  @Test
  void drivesThatAreNotTheSame() {
    String other = "0000:02:00.0";
    fake.drive(other);
    fake.kernelDrive(other, "nvme1");
    fake.attribute(other, "nvme/nvme1/serial", "S-124");
    assertThat(KernelDrive.otherPorts(device)).isEmpty();
    fake.attribute(other, "nvme/nvme1/serial", "S-123");
    fake.attribute(other, "nvme/nvme1/subsysnqn", "nqn.b");
    assertThat(KernelDrive.otherPorts(device)).as("one does not tell").hasSize(1);
    fake.attribute(DRIVE, "nvme/nvme0/subsysnqn", "nqn.a");
    assertThat(KernelDrive.otherPorts(device)).isEmpty();
    fake.attribute(DRIVE, "nvme/nvme0/serial", "");
    fake.attribute(other, "nvme/nvme1/serial", "");
    fake.attribute(other, "nvme/nvme1/subsysnqn", "nqn.a");
    assertThat(KernelDrive.otherPorts(device)).as("names alone do not tell").isEmpty();
  }

  @Test
  void aDriveBehindVmd() {
    PciDevice vmd = fake.behindVmd("0000:17:05.5", "10000:01:00.0");
    device = PciDevice.find(fake.host, PciAddress.parse("10000:01:00.0")).orElseThrow();
    assertThat(device.vmd()).hasValue(vmd);
    assertThat(vmd.vmd()).isEmpty();
    assertThat(uses())
        .singleElement()
        .asString()
        .startsWith("10000:01:00.0 is behind Intel VMD 0000:17:05.5, ")
        .endsWith("switch VMD off in the firmware");
  }

  @Test
  void aDiskThatCannotBeRead() throws Exception {
    Files.delete(fake.path("dev/nvme0n1"));
    assertThat(data())
        .singleElement()
        .asString()
        .startsWith("/dev/nvme0n1 cannot be read to see whether it holds data: ");
  }

  @Test
  void whatAProcessCallsItselfDoesNotReachTheTerminalAsItIs() {
    fake.process(777, "a\u001b[2J\nb", "mnt:[1]").open(777, 3, "/dev/nvme0n1");
    assertThat(uses()).containsExactly("/dev/nvme0n1 is open in process 777 (a?[2J?b)");
  }
}
