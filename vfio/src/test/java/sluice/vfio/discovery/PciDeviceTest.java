package sluice.vfio.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.vfio.PciAddress;

class PciDeviceTest {
  @TempDir private Path root;
  private FakeHost fake;

  @BeforeEach
  void make() {
    fake = new FakeHost(root);
  }

  @Test
  void findsFunctionsByClassInTheirOrder() {
    fake.drive("0000:02:00.0");
    fake.function("0000:00:02.0", "0x020000");
    fake.drive("0000:01:00.0");
    assertThat(PciDevice.ofClass(fake.host, 0x010802))
        .extracting(PciDevice::toString)
        .containsExactly("0000:01:00.0", "0000:02:00.0");
    assertThat(PciDevice.all(fake.host)).hasSize(3);
    assertThat(PciDevice.find(fake.host, PciAddress.parse("0000:03:00.0"))).isEmpty();
  }

  @Test
  void aMachineWithoutPciHasNone() {
    assertThat(PciDevice.all(new Host(root.resolve("nowhere")))).isEmpty();
  }

  @Test
  void aFunctionOfWhichLittleIsKnown() {
    PciDevice device = fake.drive("0000:01:00.0");
    assertThat(device.driver()).isEmpty();
    assertThat(device.iommuGroup()).isEmpty();
    assertThat(device.numaNode()).isEmpty();
    assertThat(device.link()).isEmpty();
    assertThat(device.vfioFile()).isEmpty();
    assertThat(device.groupNeighbours()).isEmpty();
    assertThat(KernelDrive.of(device)).isEmpty();
    assertThat(BlockDevice.behind(device)).isEmpty();
  }

  @Test
  void aFunctionOfWhichAllIsKnown() {
    PciDevice device = fake.drive("0000:01:00.0");
    fake.function("0000:01:00.1", "0x020000");
    fake.driver("0000:01:00.0", "vfio-pci").group(12, "0000:01:00.0", "0000:01:00.1");
    fake.attribute("0000:01:00.0", "numa_node", "1");
    fake.attribute("0000:01:00.0", "current_link_speed", "8.0 GT/s PCIe");
    fake.attribute("0000:01:00.0", "current_link_width", "2");
    fake.attribute("0000:01:00.0", "max_link_speed", "16.0 GT/s PCIe");
    fake.attribute("0000:01:00.0", "max_link_width", "4");
    fake.directory("sys/devices/pci0000:00/0000:01:00.0/vfio-dev/vfio7");
    assertThat(device.vendorId()).isEqualTo(0x1b36);
    assertThat(device.deviceId()).isEqualTo(0x10);
    assertThat(device.classCode()).isEqualTo(0x010802);
    assertThat(device.driver()).hasValue("vfio-pci");
    assertThat(device.iommuGroup()).hasValue(12);
    assertThat(device.isGroupWithoutIommu()).isFalse();
    assertThat(device.groupNeighbours())
        .extracting(PciDevice::toString)
        .containsExactly("0000:01:00.1");
    assertThat(device.numaNode()).hasValue(1);
    assertThat(device.vfioFile()).hasValue("vfio7");
    PciLink link = device.link().orElseThrow();
    assertThat(link.now()).isEqualTo("8.0 GT/s x2");
    assertThat(link.best()).isEqualTo("16.0 GT/s x4");
    assertThat(link.isReduced()).isTrue();
  }

  @Test
  void aLinkThatIsAsGoodAsItCanBe() {
    PciLink link = new PciLink("16.0 GT/s PCIe", 4, "16.0 GT/s PCIe", 4);
    assertThat(link.isReduced()).isFalse();
  }

  @Test
  void aLinkOfNoKnownSpeedIsNone() {
    PciDevice device = fake.drive("0000:01:00.0");
    fake.attribute("0000:01:00.0", "current_link_speed", "Unknown");
    fake.attribute("0000:01:00.0", "current_link_width", "0");
    assertThat(device.link()).isEmpty();
  }

  @Test
  void oneNodeOnlyIsNoNode() {
    PciDevice device = fake.drive("0000:01:00.0");
    fake.attribute("0000:01:00.0", "numa_node", "-1");
    assertThat(device.numaNode()).isEmpty();
  }

  @Test
  void aGroupThatOnlyStandsForOne() {
    PciDevice device = fake.drive("0000:01:00.0");
    fake.group(0, "0000:01:00.0").file("sys/kernel/iommu_groups/0/name", "vfio-noiommu\n");
    assertThat(device.isGroupWithoutIommu()).isTrue();
  }

  @Test
  void whatTheKernelsDriverSays() {
    PciDevice device = fake.drive("0000:01:00.0");
    fake.kernelDrive("0000:01:00.0", "nvme0");
    fake.disk("0000:01:00.0", "nvme0", "nvme0n1").disk("0000:01:00.0", "nvme0", "nvme0n2");
    fake.partition("0000:01:00.0", "nvme0", "nvme0n1", "nvme0n1p1").holder("nvme0n1p1", "dm-0");
    KernelDrive drive = KernelDrive.of(device).orElseThrow();
    assertThat(drive.name()).isEqualTo("nvme0");
    assertThat(drive.model()).isEqualTo("A fast drive");
    assertThat(drive.serial()).isEqualTo("S-123");
    assertThat(drive.bytes()).isEqualTo(2L * (64 << 20));
    assertThat(drive.disks()).extracting(BlockDevice::name).containsExactly("nvme0n1", "nvme0n2");
    BlockDevice disk = drive.disks().getFirst();
    assertThat(disk.blockSize()).isEqualTo(512);
    assertThat(disk.number()).isEqualTo("259:0");
    assertThat(disk.partitions()).extracting(BlockDevice::name).containsExactly("nvme0n1p1");
    assertThat(disk.partitions().getFirst().holders()).containsExactly("dm-0");
  }

  @Test
  void aDiskOfSeveralPathsIsFoundBehindEachOfThem() {
    PciDevice device = fake.drive("0000:01:00.0");
    fake.kernelDrive("0000:01:00.0", "nvme1").disk("0000:01:00.0", "nvme1", "nvme0c1n1");
    fake.file("sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1/size", "2048\n");
    fake.file("sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1/dev", "259:9\n");
    fake.link("sys/block/nvme0n1", "../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1");
    assertThat(BlockDevice.behind(device))
        .singleElement()
        .satisfies(disk -> {
          assertThat(disk.name()).isEqualTo("nvme0n1");
          assertThat(disk.number()).isEqualTo("259:9");
          assertThat(disk.bytes()).isEqualTo(1 << 20);
        });
  }

  @Test
  void namesAreOfThisSystemOrNone() {
    PciDevice device = fake.drive("0000:01:00.0");
    assertThat(DeviceNames.none().vendor(device)).isEmpty();
    assertThat(DeviceNames.none().model(device)).isEmpty();
    assertThat(DeviceNames.ofSystem().vendor(device)).as("no device of sysfs").isEmpty();
  }
}
