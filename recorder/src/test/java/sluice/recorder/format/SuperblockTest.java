package sluice.recorder.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SuperblockTest {
  private static final UUID VOLUME = UUID.fromString("10111213-1415-1617-1819-1a1b1c1d1e1f");

  private static Superblock plan(long driveBytes) {
    return Geometry.plan(VOLUME, 1_700_000_000_123_456_789L, driveBytes, 512, 0, 0);
  }

  private static MemorySegment payload(Superblock superblock, int copy) {
    MemorySegment payload = Bytes.allocate(SealedBlock.PAYLOAD);
    superblock.encode(payload, copy);
    return payload;
  }

  @Test
  void hasTheBytesOfTheFormat() {
    MemorySegment block = Bytes.allocate(SealedBlock.SIZE);
    SealedBlock.seal(payload(plan((2L << 30) + 512), 1), Superblock.GENERATION, block);
    assertThat(Bytes.hex(block, 0, 112))
        .isEqualTo(
            "534c554943564f4c" // SLUICVOL
                + "01000000" // version
                + "01000000" // copy B
                + "101112131415161718191a1b1c1d1e1f"
                + "15cd853dfe9c9717" // created
                + "0000008000000000" // drive bytes
                + "0000000000000000" // features
                + "0002000080000000" // block size, catalogue entries
                + "0010000000000000" // catalogue
                + "0010080000000000" // index
                + "0000000200000000"
                + "00000a0200000000" // data
                + "00f0ed7d00000000"
                + "00f0f77f00000000"); // second catalogue
    assertThat(Bytes.hex(block, 504, 512)).isEqualTo("010000000671ae37");
    for (int sector = 1; sector < 8; sector++) {
      assertThat(Bytes.hex(block, sector * 512 + 504, sector * 512 + 512))
          .isEqualTo("010000007b031231");
    }
  }

  @Test
  void readsWhatItWrote() {
    Superblock superblock = plan(1L << 40);
    for (int copy = 0; copy < 2; copy++) {
      assertThat(Superblock.decode(payload(superblock, copy), copy)).isEqualTo(superblock);
    }
  }

  @Test
  void tellsWhereThingsAre() {
    Superblock superblock = plan(2L << 30);
    assertThat(superblock.addressOf(0)).isZero();
    assertThat(superblock.addressOf(1)).isEqualTo((2L << 30) - 4096);
    assertThat(superblock.catalogueAddress(3, 1)).isEqualTo((2L << 30) - 129 * 4096 + 3 * 4096);
    assertThat(superblock.catalogueAddress(3, 0)).isEqualTo(4096 + 3 * 4096);
    assertThat(superblock.catalogueBytes()).isEqualTo(128 * 4096);
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    MemorySegment other = payload(plan(2L << 30), 0);
    other.set(JAVA_BYTE, 8, (byte) 2);
    assertThatThrownBy(() -> Superblock.decode(other, 0))
        .hasMessage("the layout is of version 2, and this program knows version 1");

    MemorySegment feature = payload(plan(2L << 30), 0);
    feature.set(JAVA_BYTE, 49, (byte) 1);
    assertThatThrownBy(() -> Superblock.decode(feature, 0))
        .hasMessage("the layout has features that this program does not know: 0x100");

    assertThatThrownBy(() -> Superblock.decode(payload(plan(2L << 30), 0), 1))
        .hasMessage("superblock copy B is not in its place");
    assertThatThrownBy(() -> Superblock.decode(Bytes.allocate(SealedBlock.PAYLOAD), 0))
        .hasMessage("this is no superblock of a recorder's layout");
  }

  @Test
  void refusesRegionsThatOverlap() {
    Superblock s = plan(2L << 30);
    Superblock bad =
        new Superblock(
            VOLUME,
            0,
            s.driveBytes(),
            512,
            128,
            4096,
            8192,
            1 << 20,
            8 << 20,
            s.dataBytes(),
            s.secondCatalogueAddress());
    assertThatThrownBy(() -> Superblock.decode(payload(bad, 0), 0))
        .hasMessage("the superblock's regions overlap or leave the drive");
  }

  @Test
  void plansBySizeAndByChoice() {
    assertThat(plan(8 << 20).catalogueEntries()).isEqualTo(16);
    assertThat(plan(1L << 40).catalogueEntries()).isEqualTo(1024);
    assertThat(plan(1L << 40).indexBytes()).isEqualTo(4L << 30);
    Superblock chosen = Geometry.plan(VOLUME, 0, 64 << 20, 4096, 5, 100_000);
    assertThat(chosen.catalogueEntries()).isEqualTo(5);
    assertThat(chosen.indexBytes()).isEqualTo(102_400);
    assertThat(chosen.dataAddress() % (128 << 10)).isZero();
  }

  @Test
  void saysWhatADriveNeedsAtLeast() {
    assertThatThrownBy(() -> plan(1 << 20))
        .hasMessage("the drive has 1048576 bytes, and this layout needs 1380352 at least");
    assertThat(plan(1380352).dataBytes()).isEqualTo(1 << 20);
    assertThatThrownBy(() -> Geometry.plan(VOLUME, 0, 1 << 30, 512, -1, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Geometry.plan(VOLUME, 0, 1 << 30, 512, 0, -1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
