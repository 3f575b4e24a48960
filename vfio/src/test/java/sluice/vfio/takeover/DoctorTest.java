package sluice.vfio.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.vfio.discovery.FakeHost;
import sluice.vfio.takeover.Finding.Level;

class DoctorTest {
  private static final String DRIVE = "0000:01:00.0";

  @TempDir private Path root;
  private FakeHost fake;
  private long memlock = Long.MAX_VALUE;
  private String architecture = "amd64";

  @BeforeEach
  void healthy() {
    fake = new FakeHost(root);
    fake.drive(DRIVE);
    fake.driver(DRIVE, "vfio-pci").group(3, DRIVE);
    fake.directory("sys/class/iommu/dmar0");
    fake.file("dev/vfio/vfio", "").file("dev/vfio/3", "").file("dev/iommu", "");
    fake.file("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "512\n");
    fake.file("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "500\n");
    fake.file("sys/devices/system/cpu/isolated", "2-3\n");
    fake.file("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
  }

  private List<Finding> look() {
    return new Doctor(fake.host, memlock, architecture).look();
  }

  private Finding find(String name) {
    return look().stream().filter(finding -> finding.name().equals(name)).findFirst().orElseThrow();
  }

  private void assertLevel(String name, Level level, String remedy) {
    Finding finding = find(name);
    assertThat(finding.level()).as(finding.toString()).isEqualTo(level);
    assertThat(finding.remedy()).contains(remedy);
  }

  @Test
  void aMachineThatIsReady() {
    assertThat(look()).allMatch(finding -> finding.level() == Level.GOOD);
    assertThat(look()).allMatch(finding -> finding.remedy().isEmpty());
    assertThat(find("modules").text()).endsWith("by way of type1 and iommufd");
  }

  @Test
  void noIommu() throws Exception {
    Files.delete(fake.path("sys/class/iommu/dmar0"));
    fake.file("proc/cpuinfo", "vendor_id\t: GenuineIntel\nflags\t\t: fpu vme\n");
    assertLevel("IOMMU", Level.MISSING, "add intel_iommu=on to the kernel's command line");
    fake.file("usr/sbin/update-grub", "");
    assertLevel("IOMMU", Level.MISSING, "update-grub");
    fake.file("proc/cpuinfo", "vendor_id\t: AuthenticAMD\n");
    assertLevel("IOMMU", Level.MISSING, "AMD-Vi");
  }

  @Test
  void noIommuWhereThereIsNoSuchSettingOfIntels() throws Exception {
    Files.delete(fake.path("sys/class/iommu/dmar0"));
    fake.file("proc/cpuinfo", "Features\t: fp asimd\nCPU implementer\t: 0x41\n");
    assertLevel("IOMMU", Level.MISSING, "SMMU");
    assertThat(find("IOMMU").remedy()).doesNotContain("VT-d", "intel_iommu");
    fake.file("sys/class/dmi/id/sys_vendor", "Amazon EC2\n");
    assertLevel("IOMMU", Level.MISSING, "enable_unsafe_noiommu_mode");
    assertThat(find("IOMMU").remedy()).contains(".metal", "?iommu=unsafe", "nr_hugepages");
    fake.file("sys/class/dmi/id/sys_vendor", "QEMU\n");
    fake.file("proc/cpuinfo", "vendor_id\t: GenuineIntel\nflags\t\t: fpu hypervisor\n");
    assertLevel("IOMMU", Level.MISSING, "-device intel-iommu");
    fake.file("proc/device-tree/model", "Raspberry Pi 5 Model B Rev 1.0\0");
    assertLevel("IOMMU", Level.MISSING, "a Raspberry Pi 5 Model B Rev 1.0 is not supported");
  }

  @Test
  void aBoardOnWhichADriveDoesNotFindMemory() {
    architecture = "aarch64";
    fake.file("sys/kernel/iommu_groups/3/name", "vfio-noiommu\n");
    fake.file("proc/device-tree/model", "Raspberry Pi Compute Module 4\0");
    assertLevel(DRIVE, Level.MISSING, "another machine");
    assertThat(find(DRIVE).text()).contains("a Raspberry Pi Compute Module 4", "caches");
  }

  @Test
  void aDriveBehindVmd() {
    fake.behindVmd("0000:17:05.5", "10000:01:00.0");
    Finding finding = find("10000:01:00.0");
    assertThat(finding.level()).isEqualTo(Level.MISSING);
    assertThat(finding.text()).startsWith("is behind Intel VMD 0000:17:05.5");
    assertThat(finding.remedy()).startsWith("switch VMD off in the firmware");
  }

  @Test
  void aDriveThatTheKernelNeedsIsLeftToIt() {
    fake.kernelDrive(DRIVE, "nvme0").disk(DRIVE, "nvme0", "nvme0n1");
    fake.file("proc/swaps", "Filename Type\n/dev/nvme0n1 partition 1 0 -2\n");
    assertLevel(DRIVE, Level.GOOD, "");
    assertThat(find(DRIVE).text()).endsWith("not for recording: /dev/nvme0n1 is swap space in use");
    assertThat(find(DRIVE).remedy()).isEmpty();
    fake.file("proc/swaps", "").holder("nvme0n1", "dm-0");
    assertThat(find(DRIVE).remedy()).isEmpty();
  }

  @Test
  void aDriveThatHoldsDataIsNotGivenUpWithoutItsSerialNumber() {
    fake.kernelDrive(DRIVE, "nvme0").disk(DRIVE, "nvme0", "nvme0n1");
    fake.file("dev/nvme0n1", "XFSB" + "\0".repeat(4096));
    assertLevel(
        DRIVE, Level.COULD_BE_BETTER, "if that may be lost, sluice bind 0000:01:00.0 --serial");
    assertThat(find(DRIVE).text()).contains("holds an XFS file system");
  }

  @Test
  void aPortThroughWhichTheKernelStillHasTheDrive() {
    fake.drive("0000:02:00.0");
    fake.kernelDrive("0000:02:00.0", "nvme1").group(4, "0000:02:00.0");
    fake.kernelDrive(DRIVE, "nvme0").driver(DRIVE, "vfio-pci");
    assertThat(look())
        .anyMatch(finding ->
            finding.name().equals(DRIVE)
                && finding.text().startsWith("is also at 0000:02:00.0, through which"));
  }

  @Test
  void noModules() throws Exception {
    Files.delete(fake.path("dev/vfio/vfio"));
    assertThat(find("modules").text()).endsWith("by way of iommufd");
    Files.delete(fake.path("dev/iommu"));
    assertLevel("modules", Level.MISSING, "modprobe vfio");
    fake.driver(DRIVE, "nvme");
    Files.delete(fake.path("sys/bus/pci/drivers/vfio-pci/unbind"));
    Files.delete(fake.path("sys/bus/pci/drivers/vfio-pci"));
    assertLevel("modules", Level.MISSING, "modprobe vfio-pci");
  }

  @Test
  void noDrive() {
    fake.attribute(DRIVE, "class", "0x020000");
    assertLevel("drives", Level.MISSING, "plug");
  }

  @Test
  void aDriveThatTheKernelHolds() {
    fake.driver(DRIVE, "nvme");
    assertLevel(DRIVE, Level.COULD_BE_BETTER, "sluice bind 0000:01:00.0");
  }

  @Test
  void aDriveInNoGroup() throws Exception {
    Files.delete(fake.path("sys/devices/pci0000:00/" + DRIVE + "/iommu_group"));
    assertLevel(DRIVE, Level.MISSING, "switch the IOMMU on in the firmware");
    Files.delete(fake.path("sys/class/iommu/dmar0"));
    assertLevel(DRIVE, Level.MISSING, "see IOMMU");
  }

  @Test
  void aGroupWithOthersInIt() {
    fake.function("0000:01:00.1", "0x020000");
    fake.driver("0000:01:00.1", "e1000e").group(3, DRIVE, "0000:01:00.1");
    assertLevel(DRIVE, Level.MISSING, "slot");
    assertThat(find(DRIVE).text()).contains("0000:01:00.1 (e1000e)");
  }

  @Test
  void filesThatMayNotBeOpened() throws Exception {
    Files.delete(fake.path("dev/vfio/3"));
    assertLevel(DRIVE, Level.MISSING, "container");
    assertThat(find(DRIVE).text()).endsWith("its file is not below /dev/vfio");
  }

  @Test
  void aLinkThatCouldBeFaster() {
    fake.attribute(DRIVE, "current_link_speed", "8.0 GT/s PCIe");
    fake.attribute(DRIVE, "current_link_width", "4");
    fake.attribute(DRIVE, "max_link_speed", "16.0 GT/s PCIe");
    fake.attribute(DRIVE, "max_link_width", "4");
    assertThat(look())
        .anyMatch(finding ->
            finding.level() == Level.COULD_BE_BETTER
                && finding.text().equals("runs at 8.0 GT/s x4 and could at 16.0 GT/s x4"));
  }

  @Test
  void lockedMemory() {
    memlock = 8 << 20;
    assertLevel("memlock", Level.MISSING, "limits.conf");
    memlock = 128 << 20;
    assertLevel("memlock", Level.COULD_BE_BETTER, "limits.conf");
    memlock = 4L << 30;
    assertLevel("memlock", Level.GOOD, "");
    memlock = 8 << 20;
    fake.file("proc/self/status", "Name:\tjava\nCapEff:\t000001ffffffffff\n");
    assertLevel("memlock", Level.GOOD, "");
    fake.file("proc/self/uid_map", "         0          0 4294967295\n");
    assertLevel("memlock", Level.GOOD, "");
    fake.file("proc/self/uid_map", "         0      65534          1\n");
    assertLevel("memlock", Level.MISSING, "limits.conf");
  }

  @Test
  void hugePages() {
    fake.file("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "0\n");
    assertLevel("huge pages", Level.COULD_BE_BETTER, "sysctl vm.nr_hugepages=1024");
  }

  @Test
  void processors() {
    fake.file("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n");
    fake.file("sys/devices/system/cpu/isolated", "\n");
    assertLevel("governor", Level.COULD_BE_BETTER, "cpupower");
    assertLevel("isolation", Level.COULD_BE_BETTER, "isolcpus");
  }
}
