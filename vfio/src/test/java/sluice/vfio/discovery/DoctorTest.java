package sluice.vfio.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.vfio.discovery.Finding.Level;

class DoctorTest {
  private static final String DRIVE = "0000:01:00.0";

  @TempDir private Path root;
  private FakeHost fake;
  private long memlock = Long.MAX_VALUE;

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
    return new Doctor(fake.host, memlock).look();
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
    assertLevel("IOMMU", Level.MISSING, "intel_iommu=on");
    fake.file("proc/cpuinfo", "vendor_id\t: AuthenticAMD\n");
    assertLevel("IOMMU", Level.MISSING, "AMD-Vi");
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
    assertLevel(DRIVE, Level.MISSING, "chown");
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
