package sluice.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluice.nvme.spec.IdentifyNamespace;

class NamespaceTest {
  private final IdentifyNamespace page =
      new IdentifyNamespace(Arena.ofAuto().allocate(IdentifyNamespace.BYTES, 8));

  private int commandSet = Namespace.NVM;
  private long maxTransferBytes = 128 << 10;

  @BeforeEach
  void plainBlocksOf4096() {
    page.nsze(1000);
    page.lbafLbads(0, 12);
  }

  private Namespace namespace() {
    return new Namespace(3, page, commandSet, maxTransferBytes);
  }

  @Test
  void tellsItsGeometry() {
    Namespace namespace = namespace().requireUsable();
    assertThat(namespace.id()).isEqualTo(3);
    assertThat(namespace.blockSize()).isEqualTo(4096);
    assertThat(namespace.blockShift()).isEqualTo(12);
    assertThat(namespace.blocks()).isEqualTo(1000);
    assertThat(namespace.bytes()).isEqualTo(4_096_000);
    assertThat(namespace.maxTransferBytes()).isEqualTo(131_072);
  }

  @Test
  void refusesMetadata() {
    page.lbafMs(0, 8);
    refusesWith("it is formatted with 8 bytes of metadata per block; format it with plain blocks");
  }

  @Test
  void refusesProtection() {
    page.dps(1);
    refusesWith("it is formatted with end-to-end protection; format it with plain blocks");
  }

  @Test
  void refusesBlocksOfASizeThatCannotBe() {
    page.lbafLbads(0, 3);
    refusesWith("its blocks have 2^3 bytes; format it with plain blocks");
  }

  @Test
  void refusesMoreBytesThanCanBeCounted() {
    page.nsze(1L << 60);
    refusesWith("it says that it has 1152921504606846976 blocks; format it with plain blocks");
  }

  @Test
  void refusesZones() {
    commandSet = Namespace.ZONED;
    refusesWith("it is zoned, and this driver writes wherever it likes");
  }

  @Test
  void refusesOtherCommandSets() {
    commandSet = 1;
    refusesWith("it takes another command set than blocks' (01h)");
  }

  @Test
  void refusesBlocksThatNoCommandCanMove() {
    page.lbafLbads(0, 14);
    maxTransferBytes = 12 << 10;
    refusesWith(
        "its blocks have 16384 bytes, and one command moves 12288 at the most; format it with"
            + " smaller ones");
  }

  @Test
  void oneCommandMovesWholeBlocks() {
    page.lbafLbads(0, 13);
    maxTransferBytes = 12 << 10;
    assertThat(namespace().requireUsable().maxTransferBytes()).isEqualTo(8192);
  }

  @Test
  void hasAsManyUsableBlocksAsItHasOrNone() {
    namespace().checkBlocks(999, 1);
    assertThatThrownBy(() -> namespace().checkBlocks(999, 2))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("2 blocks from 999 are not in");
    page.lbafMs(0, 8);
    assertThatThrownBy(() -> namespace().checkBlocks(0, 1)).isInstanceOf(NvmeException.class);
    assertThat(namespace().blocks()).isEqualTo(1000);
  }

  @Test
  void knowsTheFormatsBehindTheSixteenth() {
    page.nlbaf(19);
    page.flbas(1 << 5);
    page.lbafLbads(0, 9);
    page.lbafLbads(16, 12);
    assertThat(namespace().requireUsable().blockSize()).isEqualTo(4096);
    page.nlbaf(15);
    assertThat(namespace().blockSize()).as("reserved bits").isEqualTo(512);
  }

  private void refusesWith(String reason) {
    assertThat(namespace().isUsable()).isFalse();
    assertThatExceptionOfType(NvmeException.class)
        .isThrownBy(() -> namespace().requireUsable())
        .withMessage("namespace 3 cannot be used: " + reason);
  }
}
