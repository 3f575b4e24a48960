package sluice.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluice.nvme.spec.IdentifyNamespace;

class NamespaceTest {
  private final IdentifyNamespace page =
      new IdentifyNamespace(Arena.ofAuto().allocate(IdentifyNamespace.BYTES, 8));

  @BeforeEach
  void plainBlocksOf4096() {
    page.nsze(1000);
    page.lbafLbads(0, 12);
  }

  private Namespace namespace() {
    return new Namespace(3, page, 128 << 10);
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
    refusesWith("it is formatted with 8 bytes of metadata per block");
  }

  @Test
  void refusesProtection() {
    page.dps(1);
    refusesWith("it is formatted with end-to-end protection");
  }

  @Test
  void refusesBlocksOfASizeThatCannotBe() {
    page.lbafLbads(0, 3);
    refusesWith("its blocks have 2^3 bytes");
  }

  @Test
  void refusesMoreBytesThanCanBeCounted() {
    page.nsze(1L << 60);
    refusesWith("it says that it has 1152921504606846976 blocks");
  }

  private void refusesWith(String reason) {
    assertThat(namespace().isUsable()).isFalse();
    assertThatExceptionOfType(NvmeException.class)
        .isThrownBy(() -> namespace().requireUsable())
        .withMessage("namespace 3 cannot be used: " + reason + "; format it with plain blocks");
  }
}
