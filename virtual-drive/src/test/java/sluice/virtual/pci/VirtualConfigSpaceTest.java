package sluice.virtual.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import sluice.nvme.spec.Csts;
import sluice.vfio.Bar;
import sluice.vfio.ConfigSpace;
import sluice.virtual.media.MemoryBackend;

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
      assertThat(config.capability(ConfigSpace.CAPABILITY_MSIX)).hasValue(0x50);
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
      int[] sizes = {0, 0, 0xffffe004, -1};
      for (int bar = 2; bar < 6; bar++) {
        config.write32(ConfigSpace.BAR0 + 4 * bar, -1);
        assertThat(config.read32(ConfigSpace.BAR0 + 4 * bar))
            .as("BAR %d", bar)
            .isEqualTo(sizes[bar - 2]);
      }
      assertThat(host.function.bar(4).size()).isEqualTo(0x2000);
      config.write32(0x30, -1);
      assertThat(config.read32(0x30)).as("expansion ROM").isZero();
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

  /** As an operating system sees it first, 16 bytes a line. */
  @Test
  void goldenBytes() {
    try (Host host = new Host(new MemoryBackend(1 << 20))) {
      ConfigSpace config = host.function.config();
      String[] lines = {
        "34 12 1c 51 06 04 10 00 00 02 08 01 00 00 00 00",
        "04 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
        "04 00 00 00 00 00 00 00 00 00 00 00 34 12 1c 51",
        "00 00 00 00 40 00 00 00 00 00 00 00 00 00 00 00",
        "01 50 03 00 08 00 00 00 00 00 00 00 00 00 00 00",
        "11 60 40 00 04 00 00 00 04 10 00 00 00 00 00 00",
        "10 00 02 00 01 80 00 10 10 28 00 00 44 00 00 00",
        "00 00 44 00 00 00 00 00 00 00 00 00 00 00 00 00",
      };
      for (int line = 0; line < lines.length; line++) {
        StringBuilder bytes = new StringBuilder();
        for (int i = 0; i < 16; i++) {
          bytes.append(String.format("%s%02x", i == 0 ? "" : " ", config.read8(16 * line + i)));
        }
        assertThat(bytes.toString()).as("at 0x%x", 16 * line).isEqualTo(lines[line]);
      }
      for (int offset = 0x80; offset < 4096; offset += 4) {
        assertThat(config.read32(offset)).as("at 0x%x", offset).isZero();
      }
    }
  }

  @Test
  void powerStates() {
    try (Host host = new Host(new MemoryBackend(1 << 20))) {
      ConfigSpace config = host.function.config();
      config.write16(0x44, 3);
      assertThat(config.read16(0x44)).as("D3hot").isEqualTo(0xb);
      config.write16(0x44, 1);
      assertThat(config.read16(0x44)).as("D1 is not there").isEqualTo(0xb);
      config.write16(0x44, 0);
      assertThat(config.read16(0x44)).as("D0").isEqualTo(8);
    }
  }

  @Test
  void bytesAndTheirNeighbours() {
    try (Host host = new Host(new MemoryBackend(1 << 20))) {
      VirtualConfigSpace config = host.function.config();
      config.write8(0x0c, 0x10);
      config.write8(0x0d, 0xff);
      config.write8(0x3c, 0x0b);
      config.write8(0x53, 0xc0);
      assertThat(config.read32(0x0c)).isEqualTo(0x10);
      assertThat(config.read32(0x3c)).isEqualTo(0x0b);
      assertThat(config.read16(0x52)).as("MSI-X enabled, all masked").isEqualTo(0xc040);
      config.write8(ConfigSpace.COMMAND + 1, 0);
      assertThat(config.read16(ConfigSpace.COMMAND)).as("still bus master").isEqualTo(6);
      host.enable();
      config.write16(0x68, 0x8000);
      assertThat(config.read16(0x52)).as("reset").isEqualTo(0x40);
    }
  }

  @Test
  void msixTable() {
    try (Host host = new Host(new MemoryBackend(1 << 20))) {
      Bar table = host.function.bar(4);
      for (int vector = 0; vector < 65; vector++) {
        assertThat(table.read32(16L * vector + 12)).as("vector %d is masked", vector).isEqualTo(1);
        table.write32(16L * vector, 0xfee00003);
        table.write32(16L * vector + 4, vector);
        table.write32(16L * vector + 8, 0x4000 + vector);
        table.write32(16L * vector + 12, 0xfffffffe);
        assertThat(table.read64(16L * vector)).isEqualTo(((long) vector << 32) | 0xfee00000L);
        assertThat(table.read64(16L * vector + 8)).isEqualTo(0x4000 + vector);
      }
      table.write32(0x1000, -1);
      assertThat(table.read32(0x1000)).as("nothing pends").isZero();
      assertThat(table.mapping(0, 4096)).isEmpty();
      assertThatIllegalArgumentException().isThrownBy(() -> table.read32(0x2000));
      host.function.reset();
      assertThat(table.read64(0)).isZero();
      assertThat(table.read64(8)).isEqualTo(1L << 32);
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
