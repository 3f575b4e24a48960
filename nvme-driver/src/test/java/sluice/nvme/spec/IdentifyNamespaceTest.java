package sluice.nvme.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class IdentifyNamespaceTest {
  private final MemorySegment memory = Golden.memory(4096);
  private final IdentifyNamespace page = new IdentifyNamespace(memory);

  @Test
  void everyFieldHasItsPlace() {
    page.nsze(0x0102030405060708L);
    page.ncap(0x1112131415161718L);
    page.nuse(0x2122232425262728L);
    page.nsfeat(0x14);
    page.nlbaf(3);
    page.flbas(0x11);
    page.mc(3);
    page.dpc(0x1f);
    page.dps(9);
    page.nmic(1);
    page.rescap(0xff);
    page.fpi(0x80);
    page.dlfeat(9);
    page.nawun(0x0a01);
    page.nawupf(0x0a02);
    page.nacwu(0x0a03);
    page.nabsn(0x0a04);
    page.nabo(0x0a05);
    page.nabspf(0x0a06);
    page.noiob(0x0a07);
    page.nvmcap(0x3132333435363738L);
    page.npwg(0x0b01);
    page.npwa(0x0b02);
    page.npdg(0x0b03);
    page.npda(0x0b04);
    page.nows(0x0b05);
    page.anagrpid(0x0c0d0e0f);
    page.nsattr(1);
    page.nvmsetid(0x0d01);
    page.endgid(0x0d02);
    page.nguid(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
    page.eui64(new byte[] {0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28});
    page.lbafLbads(0, 9);
    page.lbafMs(1, 8);
    page.lbafLbads(1, 12);
    page.lbafRp(1, 2);
    page.lbafLbads(15, 16);

    Golden.assertBytes(
        memory,
        "0: 08 07 06 05 04 03 02 01",
        "8: 18 17 16 15 14 13 12 11",
        "16: 28 27 26 25 24 23 22 21",
        "24: 14 03 11 03 1f 09 01 ff",
        "32: 80 09 01 0a 02 0a 03 0a 04 0a 05 0a 06 0a 07 0a",
        "48: 38 37 36 35 34 33 32 31",
        "64: 01 0b 02 0b 03 0b 04 0b 05 0b",
        "92: 0f 0e 0d 0c",
        "99: 01 01 0d 02 0d",
        "104: 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10",
        "120: 21 22 23 24 25 26 27 28",
        "128: 00 00 09 00 08 00 0c 02",
        "188: 00 00 10 00");
    assertThat(page.nguid()).startsWith(1, 2, 3).endsWith(16);
    assertThat(page.nsze()).isEqualTo(0x0102030405060708L);
    assertThat(page.blockBytes()).isEqualTo(4096);
    assertThat(page.metadataBytes()).isEqualTo(8);
    assertThat(page.lbafRp(1)).isEqualTo(2);
    assertThat(page.isProtected()).isTrue();
  }

  @Test
  void blockSizesThatCannotBeAreRefused() {
    assertThatThrownBy(page::blockBytes)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("LBA format 0 has the block size 2^0");
    page.lbafLbads(0, 31);
    assertThatThrownBy(page::blockBytes).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> page.lbafMs(64)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
