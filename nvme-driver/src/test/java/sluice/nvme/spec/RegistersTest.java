package sluice.nvme.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RegistersTest {
  @Test
  void offsets() {
    assertThat(Registers.CAP).isZero();
    assertThat(Registers.VS).isEqualTo(8);
    assertThat(Registers.INTMS).isEqualTo(12);
    assertThat(Registers.INTMC).isEqualTo(16);
    assertThat(Registers.CC).isEqualTo(20);
    assertThat(Registers.CSTS).isEqualTo(28);
    assertThat(Registers.NSSR).isEqualTo(32);
    assertThat(Registers.AQA).isEqualTo(36);
    assertThat(Registers.ASQ).isEqualTo(40);
    assertThat(Registers.ACQ).isEqualTo(48);
    assertThat(Registers.submissionDoorbell(0, 0)).isEqualTo(0x1000);
    assertThat(Registers.completionDoorbell(0, 0)).isEqualTo(0x1004);
    assertThat(Registers.submissionDoorbell(3, 0)).isEqualTo(0x1018);
    assertThat(Registers.completionDoorbell(3, 2)).isEqualTo(0x1070);
    assertThat(Registers.bytesForQueues(64, 0)).isEqualTo(0x1208);
  }

  @Test
  void cap() {
    assertThat(Cap.mqes(0, 0xffff)).isEqualTo(0xffffL);
    assertThat(Cap.cqr(0, true)).isEqualTo(0x10000L);
    assertThat(Cap.ams(0, 3)).isEqualTo(0x60000L);
    assertThat(Cap.to(0, 0xff)).isEqualTo(0xff000000L);
    assertThat(Cap.dstrd(0, 0xf)).isEqualTo(0xf_00000000L);
    assertThat(Cap.nssrs(0, true)).isEqualTo(1L << 36);
    assertThat(Cap.css(0, 0xff)).isEqualTo(0x1fe0_00000000L);
    assertThat(Cap.bps(0, true)).isEqualTo(1L << 45);
    assertThat(Cap.mpsmin(0, 0xf)).isEqualTo(0xf_0000_00000000L);
    assertThat(Cap.mpsmax(0, 0xf)).isEqualTo(0xf0_0000_00000000L);
    assertThat(Cap.pmrs(0, true)).isEqualTo(1L << 56);
    assertThat(Cap.cmbs(0, true)).isEqualTo(1L << 57);

    // A controller with 2048 entries, pages of 4 to 64 KiB, and all command sets.
    long cap = 0x004018200f0107ffL;
    assertThat(Cap.mqes(cap)).isEqualTo(2047);
    assertThat(Cap.cqr(cap)).isTrue();
    assertThat(Cap.ams(cap)).isZero();
    assertThat(Cap.to(cap)).isEqualTo(15);
    assertThat(Cap.timeoutMillis(cap)).isEqualTo(8000);
    assertThat(Cap.dstrd(cap)).isZero();
    assertThat(Cap.nssrs(cap)).isFalse();
    assertThat(Cap.css(cap)).isEqualTo(0xc1);
    assertThat(Cap.bps(cap)).isFalse();
    assertThat(Cap.minPageBytes(cap)).isEqualTo(4096);
    assertThat(Cap.maxPageBytes(cap)).isEqualTo(65536);
    assertThat(Cap.pmrs(cap)).isFalse();
    assertThat(Cap.cmbs(cap)).isFalse();
    assertThat(Cap.mqes(-1L)).isEqualTo(0xffff);
    assertThat(Cap.mpsmax(-1L)).isEqualTo(15);
    assertThatThrownBy(() -> Cap.mqes(0, 0x10000)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void cc() {
    int cc = Cc.iocqes(Cc.iosqes(Cc.en(0, true), 6), 4);
    assertThat(cc).isEqualTo(0x00460001);
    assertThat(Cc.css(0, 7)).isEqualTo(0x70);
    assertThat(Cc.mps(0, 15)).isEqualTo(0x780);
    assertThat(Cc.ams(0, 7)).isEqualTo(0x3800);
    assertThat(Cc.shn(0, 3)).isEqualTo(0xc000);
    assertThat(Cc.en(cc)).isTrue();
    assertThat(Cc.en(Cc.en(cc, false))).isFalse();
    assertThat(Cc.iosqes(cc)).isEqualTo(6);
    assertThat(Cc.iocqes(cc)).isEqualTo(4);
    assertThat(Cc.shn(-1)).isEqualTo(3);
    assertThat(Cc.pageBytes(0x80)).isEqualTo(8192);
    assertThat(Cc.css(0x70)).isEqualTo(7);
    assertThat(Cc.ams(0x3800)).isEqualTo(7);
    assertThat(Cc.mps(0x780)).isEqualTo(15);
  }

  @Test
  void csts() {
    assertThat(Csts.rdy(0, true)).isEqualTo(1);
    assertThat(Csts.cfs(0, true)).isEqualTo(2);
    assertThat(Csts.shst(0, 3)).isEqualTo(12);
    assertThat(Csts.nssro(0, true)).isEqualTo(16);
    assertThat(Csts.pp(0, true)).isEqualTo(32);
    assertThat(Csts.rdy(1)).isTrue();
    assertThat(Csts.cfs(2)).isTrue();
    assertThat(Csts.shst(8)).isEqualTo(Csts.SHST_COMPLETE);
    assertThat(Csts.nssro(16)).isTrue();
    assertThat(Csts.pp(32)).isTrue();
    assertThat(Csts.rdy(0xfffffffe)).isFalse();
  }

  @Test
  void aqaAndVersion() {
    assertThat(Aqa.of(32, 4096)).isEqualTo(0x0fff001f);
    assertThat(Aqa.asqs(0x0fff001f)).isEqualTo(31);
    assertThat(Aqa.acqs(0x0fff001f)).isEqualTo(4095);
    assertThatThrownBy(() -> Aqa.of(4097, 2)).isInstanceOf(IllegalArgumentException.class);
    assertThat(Version.of(1, 4, 0)).isEqualTo(Version.V1_4).isEqualTo(0x10400);
    assertThat(Version.format(0x10400)).isEqualTo("1.4");
    assertThat(Version.format(0x10201)).isEqualTo("1.2.1");
  }
}
