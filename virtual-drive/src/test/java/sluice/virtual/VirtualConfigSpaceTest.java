package sluice.virtual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import sluice.nvme.spec.Csts;
import sluice.vfio.Bar;
import sluice.vfio.ConfigSpace;

class VirtualConfigSpaceTest {
  @Test
  void looksLikeAnNvmeController() {
    try (Host host = new Host(new MemoryBackend(1 << 20))) {
      ConfigSpace config = host.function.config();
      assertThat(config.read16(ConfigSpace.VENDOR_ID)).isEqualTo(0x1234);
      assertThat(config.read16(ConfigSpace.DEVICE_ID)).isEqualTo(0x511c);
      assertThat(config.classCode()).isEqualTo(ConfigSpace.CLASS_NVME);
      assertThat(config.isPresent()).isTrue();
      assertThat(config.capability(ConfigSpace.CAPABILITY_POWER_MANAGEMENT)).hasValue(0x40);
      assertThat(config.capability(ConfigSpace.CAPABILITY_PCI_EXPRESS)).hasValue(0x60);
      assertThat(config.capability(ConfigSpace.CAPABILITY_MSIX)).isEmpty();
      assertThat(config.read16(0x72)).as("link status: 4 lanes of 16 GT/s").isEqualTo(0x44);
    }
  }

  @Test
  void barsAreSizedByWritingOnes() {
    try (Host host = new Host(new MemoryBackend(1 << 20))) {
      ConfigSpace config = host.function.config();
      config.write32(ConfigSpace.BAR0, -1);
      config.write32(ConfigSpace.BAR0 + 4, -1);
      assertThat(config.read32(ConfigSpace.BAR0)).isEqualTo(0xffffe004);
      assertThat(config.read32(ConfigSpace.BAR0 + 4)).isEqualTo(-1);
      assertThat(host.bar.size()).isEqualTo(0x2000);
      config.write32(ConfigSpace.BAR0, 0x12345678);
      assertThat(config.read32(ConfigSpace.BAR0)).isEqualTo(0x12344004);
      for (int bar = 2; bar < 6; bar++) {
        config.write32(ConfigSpace.BAR0 + 4 * bar, -1);
        assertThat(config.read32(ConfigSpace.BAR0 + 4 * bar)).isZero();
      }
    }
  }

  @Test
  void readOnlyFieldsStay() {
    try (Host host = new Host(new MemoryBackend(1 << 20))) {
      ConfigSpace config = host.function.config();
      config.write32(0, 0);
      config.write16(ConfigSpace.STATUS, 0xffff);
      config.write32(ConfigSpace.CLASS, 0);
      assertThat(config.read32(0)).isEqualTo(0x511c1234);
      assertThat(config.read16(ConfigSpace.STATUS)).isEqualTo(ConfigSpace.STATUS_CAPABILITIES);
      assertThat(config.classCode()).isEqualTo(ConfigSpace.CLASS_NVME);
      assertThat(config.read16(ConfigSpace.COMMAND)).as("command").isEqualTo(0x406);
      assertThatIllegalArgumentException().isThrownBy(() -> config.read32(4096));
      assertThatIllegalArgumentException().isThrownBy(() -> config.read32(2));
    }
  }

  @Test
  void functionLevelReset() {
    try (Host host = Host.ready()) {
      ConfigSpace config = host.function.config();
      config.write16(0x68, config.read16(0x68) | 1 << 15);
      assertThat(Csts.rdy(host.csts())).isFalse();
      assertThat(config.read16(0x68) & 1 << 15).as("the bit reads as 0").isZero();
      config.enableBusMaster();
      host.enable();
    }
  }

  @Test
  void barAccessesAreChecked() {
    try (Host host = new Host(new MemoryBackend(1 << 20))) {
      Bar bar = host.function.bar(0);
      assertThatIllegalArgumentException().isThrownBy(() -> bar.read32(2));
      assertThatIllegalArgumentException().isThrownBy(() -> bar.read32(-4));
      assertThatIllegalArgumentException().isThrownBy(() -> bar.write32(bar.size(), 0));
      assertThatIllegalArgumentException().isThrownBy(() -> host.function.bar(1));
      assertThat(bar.mapping(0, 4)).as("registers are calls").isEmpty();
      assertThat(bar.mapping(0x1000, 0x1001)).isEmpty();
      assertThat(bar.mapping(0x1000, 8)).isPresent();
      assertThat(bar.read32(0x1000)).as("doorbells read as zeros").isZero();
    }
  }
}
