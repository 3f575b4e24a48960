package sluice.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.vfio.ConfigSpace;
import sluice.vfio.PciAddress;

/** The bus of a machine whose controller has all the BARs it can have. */
class PciBusTest {
  @RegisterExtension
  static final QemuNvme qemu =
      QemuNvme.withDrive(
          drive -> drive.property("cmb_size_mb", 4).property("msix-exclusive-bar", true));

  @Test
  void findsTheFunctionsBehindThePortToo() {
    assertThat(qemu.machine().nodes())
        .extracting(node ->
            String.format(
                "%s %04x:%04x %06x",
                node.address(), node.vendorId(), node.deviceId(), node.classCode()))
        .contains(
            "0000:00:00.0 8086:29c0 060000",
            "0000:00:10.0 1b36:000c 060400",
            "0000:01:00.0 1b36:0010 010802",
            "0000:00:1f.2 8086:2922 010601");
  }

  @Test
  void sizesAndAssignsTheMemoryBars() {
    PciNode nvme = nvme();

    assertThat(nvme.bars())
        .extracting(bar -> bar.index() + ":" + bar.size() + ":" + bar.wide())
        .containsExactly("0:8192:true", "2:4194304:true", "4:4096:false");
    for (MemoryBar bar : nvme.bars()) {
      int register = ConfigSpace.BAR0 + bar.index() * 4;
      assertThat(nvme.config().read32(register) & ~0xf).isEqualTo((int) bar.address());
      assertThat(bar.address() % bar.size()).isZero();
    }
  }

  @Test
  void putsNoTwoWindowsInOnePlace() {
    List<MemoryBar> bars = new ArrayList<>();
    qemu.machine().nodes().forEach(node -> bars.addAll(node.bars()));
    bars.sort(Comparator.comparingLong(MemoryBar::address));

    assertThat(bars).hasSizeGreaterThan(3);
    for (int i = 1; i < bars.size(); i++) {
      MemoryBar below = bars.get(i - 1);
      assertThat(bars.get(i).address()).isGreaterThanOrEqualTo(below.address() + below.size());
    }
  }

  @Test
  void enumeratesTwiceToTheSameEnd() {
    List<String> first = new ArrayList<>();
    qemu.machine().nodes().forEach(node -> first.add(node.address() + " " + node.bars()));
    List<String> second = new ArrayList<>();

    new PciBus(new ConfigPorts(qemu.machine().qtest()))
        .enumerate()
        .forEach(node -> second.add(node.address() + " " + node.bars()));

    assertThat(second).isEqualTo(first);
  }

  @Test
  void readsTheConfigurationSpace() {
    ConfigSpace config = nvme().config();

    assertThat(config.read32(ConfigSpace.VENDOR_ID)).isEqualTo(0x00101b36);
    assertThat(config.read16(ConfigSpace.VENDOR_ID)).isEqualTo(0x1b36);
    assertThat(config.read16(ConfigSpace.DEVICE_ID)).isEqualTo(0x0010);
    assertThat(config.classCode()).isEqualTo(ConfigSpace.CLASS_NVME).isEqualTo(0x010802);
    assertThat(config.read16(ConfigSpace.SUBSYSTEM_VENDOR_ID)).isEqualTo(0x1af4);
    assertThat(config.read16(ConfigSpace.SUBSYSTEM_ID)).isEqualTo(0x1100);
    assertThat(config.isPresent()).isTrue();
  }

  @Test
  void walksTheCapabilities() {
    ConfigSpace config = nvme().config();

    int express = config.capability(ConfigSpace.CAPABILITY_PCI_EXPRESS).orElseThrow();
    int msix = config.capability(ConfigSpace.CAPABILITY_MSIX).orElseThrow();

    assertThat(config.read8(express)).isEqualTo(0x10);
    assertThat(config.read8(msix)).isEqualTo(0x11);
    assertThat(config.read16(msix + 2) & 0x7ff).as("vectors, 0-based").isEqualTo(64);
    assertThat(config.capability(ConfigSpace.CAPABILITY_POWER_MANAGEMENT)).isPresent();
    assertThat(config.capability(ConfigSpace.CAPABILITY_MSI)).isEqualTo(OptionalInt.empty());
  }

  @Test
  void writesOneHalfOfADoublewordAlone() {
    ConfigSpace config = nvme().config();
    int before = config.read32(ConfigSpace.COMMAND);

    config.enableBusMaster();

    assertThat(config.read16(ConfigSpace.COMMAND)).isEqualTo(0x0406);
    assertThat(config.read32(ConfigSpace.COMMAND) >>> 16).isEqualTo(before >>> 16);
    config.write16(ConfigSpace.COMMAND, before & 0xffff);
    assertThat(config.read32(ConfigSpace.COMMAND)).isEqualTo(before);
  }

  @Test
  void readsAllOnesWhereNothingIs() {
    ConfigPorts ports = new ConfigPorts(qemu.machine().qtest());

    assertThat(ports.space(new PciAddress(0, 0, 17, 0)).isPresent()).isFalse();
    assertThat(ports.space(new PciAddress(0, 77, 0, 0)).read32(0)).isEqualTo(-1);
  }

  @Test
  void refusesOffsetsThatThePortsDoNotReach() {
    ConfigSpace config = nvme().config();

    assertThatThrownBy(() -> config.read32(256))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no 4 bytes of configuration space at offset 0x100");
    assertThatThrownBy(() -> config.read32(2)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> config.write32(-4, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> config.write16(255, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  private static PciNode nvme() {
    return qemu.machine().nodes().stream()
        .filter(node -> node.classCode() == ConfigSpace.CLASS_NVME)
        .findFirst()
        .orElseThrow();
  }
}
