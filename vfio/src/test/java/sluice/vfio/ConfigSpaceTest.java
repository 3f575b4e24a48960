package sluice.vfio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ConfigSpaceTest {
  /** 256 bytes; status bits are cleared by writing ones to them, as a device has it. */
  private static final class Fake implements ConfigSpace {
    private final int[] words = new int[64];
    private int reads;
    private int narrowWrites;

    /** Bits of the command register that cannot be cleared. */
    private int stuck;

    @Override
    public int read32(int offset) {
      assertThat(offset % 4).isZero();
      reads++;
      return words[offset / 4];
    }

    @Override
    public void write32(int offset, int value) {
      throw new AssertionError("a 32-bit write at " + offset);
    }

    @Override
    public void write16(int offset, int value) {
      assertThat(offset).isEqualTo(COMMAND);
      assertThat(value >>> 16).isZero();
      narrowWrites++;
      words[1] = (words[1] & 0xffff0000) | value | stuck;
    }

    Fake with(int offset, int word) {
      words[offset / 4] = word;
      return this;
    }

    Fake capability(int offset, int id, int next) {
      return with(offset, (next << 8) | id);
    }
  }

  private static Fake withList(int first) {
    return new Fake().with(0x04, 0x0010_0000).with(0x34, first);
  }

  @Test
  void narrowReadsTakeTheirPartOfTheWord() {
    Fake fake = new Fake().with(0x2c, 0xfedc_9a78);
    assertThat(fake.read16(ConfigSpace.SUBSYSTEM_VENDOR_ID)).isEqualTo(0x9a78);
    assertThat(fake.read16(ConfigSpace.SUBSYSTEM_ID)).isEqualTo(0xfedc);
    assertThat(fake.read8(0x2c)).isEqualTo(0x78);
    assertThat(fake.read8(0x2d)).isEqualTo(0x9a);
    assertThat(fake.read8(0x2e)).isEqualTo(0xdc);
    assertThat(fake.read8(0x2f)).isEqualTo(0xfe);
  }

  @Test
  void knowsAnNvmeControllerByItsClass() {
    Fake fake = new Fake().with(0x00, 0x0010_1b36).with(0x08, 0x0108_0202);
    assertThat(fake.classCode()).isEqualTo(ConfigSpace.CLASS_NVME);
    assertThat(fake.read8(ConfigSpace.REVISION)).isEqualTo(2);
    assertThat(fake.read16(ConfigSpace.VENDOR_ID)).isEqualTo(0x1b36);
    assertThat(fake.read16(ConfigSpace.DEVICE_ID)).isEqualTo(0x0010);
    assertThat(fake.isPresent()).isTrue();
  }

  @Test
  void aFunctionThatIsGoneReadsAllOnes() {
    Fake fake = new Fake();
    java.util.Arrays.fill(fake.words, -1);
    assertThat(fake.isPresent()).isFalse();
    assertThat(fake.capability(ConfigSpace.CAPABILITY_MSIX)).isEmpty();
  }

  @Test
  void enablingTheBusMasterLeavesTheStatusAlone() {
    Fake fake = new Fake().with(0x04, 0xf810_0101);
    fake.enableBusMaster();
    assertThat(fake.narrowWrites).isEqualTo(1);
    assertThat(fake.words[1]).isEqualTo(0xf810_0507);
  }

  @Test
  void oneThatDoesNotAnswerIsNotWrittenTo() {
    Fake fake = new Fake().with(0x04, -1);
    fake.enableBusMaster();
    assertThat(fake.narrowWrites).isZero();
  }

  @Test
  void disablingTheBusMasterSaysWhetherItIsOff() {
    Fake fake = new Fake().with(0x04, 0xf810_0507);
    assertThat(fake.disableBusMaster()).isTrue();
    assertThat(fake.words[1]).isEqualTo(0xf810_0503);
    fake.with(0x04, 0x0010_0507).stuck = ConfigSpace.COMMAND_BUS_MASTER;
    assertThat(fake.disableBusMaster()).isFalse();
    int writes = fake.narrowWrites;
    assertThat(fake.with(0x04, -1).disableBusMaster()).as("one that is gone").isTrue();
    assertThat(fake.narrowWrites).isEqualTo(writes);
  }

  @Test
  void walksTheCapabilities() {
    Fake fake =
        withList(0x40)
            .capability(0x40, 0x11, 0x80)
            .capability(0x80, 0x10, 0x60)
            .capability(0x60, 1, 0);
    assertThat(fake.capability(ConfigSpace.CAPABILITY_MSIX)).isEqualTo(OptionalInt.of(0x40));
    assertThat(fake.capability(ConfigSpace.CAPABILITY_PCI_EXPRESS)).isEqualTo(OptionalInt.of(0x80));
    assertThat(fake.capability(ConfigSpace.CAPABILITY_POWER_MANAGEMENT))
        .isEqualTo(OptionalInt.of(0x60));
    assertThat(fake.capability(ConfigSpace.CAPABILITY_MSI)).isEmpty();
  }

  @Test
  void ignoresTheReservedLowBitsOfPointers() {
    Fake fake = withList(0x43).capability(0x40, 5, 0x52).capability(0x50, 0x11, 0);
    assertThat(fake.capability(ConfigSpace.CAPABILITY_MSI)).isEqualTo(OptionalInt.of(0x40));
    assertThat(fake.capability(ConfigSpace.CAPABILITY_MSIX)).isEqualTo(OptionalInt.of(0x50));
  }

  @Test
  void withoutTheStatusBitThereIsNoList() {
    Fake fake = withList(0x40).capability(0x40, 5, 0).with(0x04, 0);
    assertThat(fake.capability(ConfigSpace.CAPABILITY_MSI)).isEmpty();
  }

  @Test
  void aPointerIntoTheHeaderEndsTheList() {
    Fake fake = withList(0x40).capability(0x40, 5, 0x3c).capability(0x3c, 0x11, 0);
    assertThat(fake.capability(ConfigSpace.CAPABILITY_MSIX)).isEmpty();
  }

  @Test
  void aCircleEnds() {
    Fake fake = withList(0x40).capability(0x40, 5, 0x50).capability(0x50, 1, 0x40);
    assertThat(fake.capability(ConfigSpace.CAPABILITY_MSIX)).isEmpty();
    assertThat(fake.reads).isLessThan(200);
    assertThat(fake.capability(ConfigSpace.CAPABILITY_POWER_MANAGEMENT))
        .isEqualTo(OptionalInt.of(0x50));
  }

  @Test
  void findsTheLastOfAsManyAsFit() {
    Fake fake = withList(0x40);
    for (int offset = 0x40; offset < 0x100; offset += 4) {
      fake.capability(offset, offset == 0xfc ? 0x11 : 9, (offset + 4) & 0xff);
    }
    assertThat(fake.capability(ConfigSpace.CAPABILITY_MSIX)).isEqualTo(OptionalInt.of(0xfc));
  }
}
