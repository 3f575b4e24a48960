package sluice.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.support.memory.OffHeap;
import sluice.vfio.Bar;
import sluice.vfio.ConfigSpace;
import sluice.vfio.DmaMemory;
import sluice.vfio.PciFunction;

/** Registers, memory and reset of QEMU's controller, without the project's driver. */
class QtestFunctionTest {
  @RegisterExtension
  static final QemuNvme qemu =
      QemuNvme.withDrive(drive ->
          drive
              .serial("AN, ODD=SERIAL")
              .size("64M")
              .lba(4096)
              .property("mdts", 5)
              .namespace(ns -> ns.size("16M").lba(512))
              .namespace(ns -> ns.size("8M").property("nsid", 7)));

  @Test
  void readsTheCapabilities(PciFunction drive) {
    Bar registers = drive.bar(0);
    long cap = registers.read64(HandDriver.CAP);

    assertThat(cap).isEqualTo(0x0040_1820_0f01_07ffL);
    assertThat(cap & 0xffff).as("MQES").isEqualTo(2047);
    assertThat(cap >>> 24 & 0xff).as("TO").isEqualTo(15);
    assertThat(cap >>> 32 & 0xf).as("DSTRD").isZero();
    assertThat(cap >>> 37 & 0x41).as("CSS").isEqualTo(0x41);
    assertThat(cap >>> 48 & 0xf).as("MPSMIN").isZero();
    assertThat(registers.read32(HandDriver.VS)).isEqualTo(0x0001_0400);
    assertThat(registers.size()).isEqualTo(16384);
    assertThat(registers.mapping(0, 4096)).isEmpty();
  }

  @Test
  void writesRegistersOf32And64Bits(PciFunction drive) {
    Bar registers = drive.bar(0);

    registers.write32(HandDriver.AQA, 0x00ff_007f);
    registers.write64(HandDriver.ASQ, 0x1234_5678_9abc_d000L);

    assertThat(registers.read32(HandDriver.AQA)).isEqualTo(0x00ff_007f);
    assertThat(registers.read64(HandDriver.ASQ)).isEqualTo(0x1234_5678_9abc_d000L);
  }

  @Test
  void refusesAccessesOutsideOfTheWindow(PciFunction drive) {
    Bar registers = drive.bar(0);

    assertThatThrownBy(() -> registers.read32(16384)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> registers.read32(-4)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> registers.write32(2, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> drive.bar(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("qtest:0000:01:00.0 has no memory BAR 1");
  }

  @Test
  void identifiesTheControllerThroughSharedMemory(PciFunction drive) {
    HandDriver driver = new HandDriver(drive);
    DmaMemory page = drive.dma().allocate(4096);
    driver.enable();

    assertThat(driver.identify(1, 0, page)).isZero();

    assertThat(ascii(page, 4, 20)).isEqualTo("AN, ODD=SERIAL      ");
    assertThat(ascii(page, 24, 40)).isEqualTo("QEMU NVMe Ctrl                          ");
    assertThat(OffHeap.getByte(page.address() + 77)).as("MDTS").isEqualTo((byte) 5);
    assertThat(OffHeap.getShort(page.address()) & 0xffff).as("VID").isEqualTo(0x1b36);
    assertThat(OffHeap.getShort(page.address() + 256) & 0x100).as("doorbell buffers").isNotZero();
  }

  @Test
  void hasTheNamespacesThatWereDescribed(PciFunction drive) {
    HandDriver driver = new HandDriver(drive);
    DmaMemory page = drive.dma().allocate(4096);
    driver.enable();

    assertThat(driver.identify(2, 0, page)).isZero();
    assertThat(OffHeap.getInt(page.address())).isEqualTo(1);
    assertThat(OffHeap.getInt(page.address() + 4)).isEqualTo(2);
    assertThat(OffHeap.getInt(page.address() + 8)).isEqualTo(7);
    assertThat(OffHeap.getInt(page.address() + 12)).isZero();

    assertNamespace(driver, page, 1, 16384, 12);
    assertNamespace(driver, page, 2, 32768, 9);
    assertNamespace(driver, page, 7, 16384, 9);
  }

  private static void assertNamespace(
      HandDriver driver, DmaMemory page, int nsid, long blocks, int shift) {
    assertThat(driver.identify(0, nsid, page)).isZero();
    assertThat(OffHeap.getLong(page.address())).as("NSZE").isEqualTo(blocks);
    int format = OffHeap.getByte(page.address() + 26) & 0xf;
    assertThat(OffHeap.getInt(page.address() + 128 + format * 4L) >>> 16 & 0xff)
        .as("LBADS")
        .isEqualTo(shift);
  }

  @Test
  void readsAndWritesSharedMemoryManyTimes(PciFunction drive) {
    HandDriver driver = new HandDriver(drive);
    DmaMemory page = drive.dma().allocate(4096);
    driver.enable();

    for (int i = 0; i < 200; i++) {
      OffHeap.zero(page.address(), 4096);
      assertThat(driver.identify(1, 0, page)).isZero();
      assertThat(ascii(page, 24, 9)).isEqualTo("QEMU NVMe");
    }
  }

  @Test
  void answersAnInvalidCommandWithItsStatus(PciFunction drive) {
    HandDriver driver = new HandDriver(drive);
    driver.enable();

    assertThat(driver.submit(0x7f, 0, 0, 0) & 0x7ff).as("invalid opcode").isEqualTo(0x001);
    assertThat(driver.submit(0x06, 0, 0, 0) & 0x7ff).as("invalid namespace").isEqualTo(0x00b);
  }

  @Test
  void resetsByFunctionLevelReset(PciFunction drive) {
    HandDriver driver = new HandDriver(drive);
    DmaMemory page = drive.dma().allocate(4096);
    driver.enable();
    int bar = drive.config().read32(ConfigSpace.BAR0);

    drive.reset();

    assertThat(drive.isPresent()).isTrue();
    assertThat(drive.config().read16(ConfigSpace.COMMAND)).isEqualTo(0x0002);
    assertThat(drive.config().read32(ConfigSpace.BAR0)).isEqualTo(bar);
    assertThat(drive.bar(0).read32(HandDriver.VS)).isEqualTo(0x0001_0400);
    HandDriver again = new HandDriver(drive);
    again.enable();
    assertThat(again.identify(1, 0, page)).isZero();
  }

  @Test
  void cannotReachMemoryOnceClosed(PciFunction drive) {
    HandDriver driver = new HandDriver(drive);
    driver.enable();

    drive.close();
    drive.close();

    try (PciFunction next = qemu.machine().open()) {
      assertThat(next.config().read16(ConfigSpace.COMMAND) & ConfigSpace.COMMAND_BUS_MASTER)
          .isZero();
      assertThat(next.dma().allocate(4096).iova()).as("all was freed").isEqualTo(0x100_0000);
    }
  }

  @Test
  void belongsToOneOwner(PciFunction drive) {
    assertThatThrownBy(() -> qemu.machine().open())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the drive is open: close qtest:0000:01:00.0 first");
    assertThat(drive.isPresent()).isTrue();
    assertThat(drive.poll()).isZero();
  }

  private static String ascii(DmaMemory memory, long offset, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = OffHeap.getByte(memory.address() + offset + i);
    }
    return new String(bytes, StandardCharsets.US_ASCII);
  }
}
