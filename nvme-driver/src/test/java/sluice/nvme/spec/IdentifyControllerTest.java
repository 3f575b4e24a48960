package sluice.nvme.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class IdentifyControllerTest {
  private final MemorySegment memory = Golden.memory(4096);
  private final IdentifyController page = new IdentifyController(memory);

  @Test
  void everyFieldHasItsPlace() {
    page.vid(0x1b36);
    page.ssvid(0x1af4);
    page.sn("S1");
    page.mn("sluice drive");
    page.fr("1.0");
    page.rab(6);
    page.ieee(0x525400);
    page.cmic(0x0b);
    page.mdts(7);
    page.cntlid(0x1234);
    page.ver(Version.V1_4);
    page.rtd3r(0x01020304);
    page.rtd3e(0x05060708);
    page.oaes(0x00000100);
    page.ctratt(0x00000081);
    page.rrls(0x8001);
    page.cntrltype(1);
    page.fguid(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
    page.crdt1(0x1111);
    page.crdt2(0x2222);
    page.crdt3(0x3333);
    page.oacs(0x012a);
    page.acl(3);
    page.aerl(4);
    page.frmw(0x17);
    page.lpa(0x07);
    page.elpe(63);
    page.npss(4);
    page.avscc(1);
    page.apsta(1);
    page.wctemp(0x0157);
    page.cctemp(0x0175);
    page.mtfa(0x0102);
    page.hmpre(0x11223344);
    page.hmmin(0x55667788);
    page.tnvmcap(0x0123456789abcdefL);
    page.unvmcap(0x1122334455667788L);
    page.rpmbs(0x0a0b0c0d);
    page.edstt(0x0203);
    page.dsto(1);
    page.fwug(2);
    page.kas(0x0304);
    page.hctma(1);
    page.mntmt(0x0111);
    page.mxtmt(0x0222);
    page.sanicap(0x60000002);
    page.sqes(0x66);
    page.cqes(0x44);
    page.maxcmd(0x0405);
    page.nn(0x100);
    page.oncs(0x015f);
    page.fuses(1);
    page.fna(2);
    page.vwc(7);
    page.awun(0x0506);
    page.awupf(0x0607);
    page.nvscc(1);
    page.nwpc(2);
    page.acwu(0x0708);
    page.sgls(0x00010001);
    page.mnan(0x20);
    page.subnqn("nqn.x");

    Golden.assertBytes(
        memory,
        "0: 36 1b f4 1a",
        "4: 53 31 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20",
        "24: 73 6c 75 69 63 65 20 64 72 69 76 65 20 20 20 20 20 20 20 20",
        "44: 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20",
        "64: 31 2e 30 20 20 20 20 20",
        "72: 06 00 54 52 0b 07 34 12",
        "80: 00 04 01 00 04 03 02 01 08 07 06 05 00 01 00 00 81 00 00 00 01 80",
        "111: 01 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10",
        "128: 11 11 22 22 33 33",
        "256: 2a 01 03 04 17 07 3f 04 01 01 57 01 75 01 02 01",
        "272: 44 33 22 11 88 77 66 55",
        "280: ef cd ab 89 67 45 23 01",
        "296: 88 77 66 55 44 33 22 11",
        "312: 0d 0c 0b 0a 03 02 01 02 04 03 01 00 11 01 22 02 02 00 00 60",
        "512: 66 44 05 04 00 01 00 00 5f 01 01 00 02 07 06 05 07 06 01 02 08 07",
        "536: 01 00 01 00 20 00 00 00",
        "768: 6e 71 6e 2e 78");
  }

  @Test
  void everyFieldIsReadBack() {
    page.vid(0x1b36);
    page.ssvid(0x1af4);
    page.sn("S1");
    page.mn("sluice drive");
    page.fr("1.0");
    page.ieee(0x525400);
    page.mdts(7);
    page.cntlid(0xfffe);
    page.nn(0xffffffffL);
    page.tnvmcap(5_000_000_000L);
    page.subnqn("nqn.2024-01.org:x");

    assertThat(page.vid()).isEqualTo(0x1b36);
    assertThat(page.ssvid()).isEqualTo(0x1af4);
    assertThat(page.sn()).isEqualTo("S1");
    assertThat(page.mn()).isEqualTo("sluice drive");
    assertThat(page.fr()).isEqualTo("1.0");
    assertThat(page.ieee()).isEqualTo(0x525400);
    assertThat(page.mdts()).isEqualTo(7);
    assertThat(page.cntlid()).isEqualTo(0xfffe);
    assertThat(page.nn()).isEqualTo(0xffffffffL);
    assertThat(page.tnvmcap()).isEqualTo(5_000_000_000L);
    assertThat(page.subnqn()).isEqualTo("nqn.2024-01.org:x");
  }

  @Test
  void powerStatesFollowAt2048() {
    PowerState state = page.powerState(1);
    state.mp(0x0964);
    state.flags(2);
    state.enlat(0x0000c350);
    state.exlat(0x000186a0);
    state.rrt(1);
    state.rrl(2);
    state.rwt(3);
    state.rwl(4);
    state.idlp(0x0506);
    state.ips(0x40);
    state.actp(0x0708);
    state.aps(0x82);

    Golden.assertBytes(
        memory, "2080: 64 09 00 02 50 c3 00 00 a0 86 01 00 01 02 03 04 06 05 40 00 08 07 82");
    assertThat(page.powerState(1).exlat()).isEqualTo(100_000);
    assertThatThrownBy(() -> page.powerState(32)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void mdtsCountsPages() {
    assertThat(page.maxTransferBytes(4096)).isEqualTo(Long.MAX_VALUE);
    page.mdts(5);
    assertThat(page.maxTransferBytes(4096)).isEqualTo(128 << 10);
    page.mdts(255);
    assertThat(page.maxTransferBytes(4096)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void hostileTextIsShownSafely() {
    memory.fill((byte) 0xff);
    MemorySegment.copy(
        new byte[] {
          'a', 0x1b, '[', '2', 'J', 0, 'b', (byte) 0x9b, ' ', ' ', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        },
        0,
        memory,
        ValueLayout.JAVA_BYTE,
        4,
        20);

    assertThat(page.sn()).isEqualTo("a\\x1b[2J\\x00b\\x9b");
    assertThat(page.fr()).isEqualTo("\\xff".repeat(8));
    assertThat(page.subnqn()).hasSize(4 * 256);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> page.sn("x".repeat(21)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("longer than 20 bytes: " + "x".repeat(21));
    assertThatThrownBy(() -> page.mn("é"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("not printable ASCII: \\xc3\\xa9");
    assertThatThrownBy(() -> page.vid(0x10000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("65536 does not fit into 16 bits");
    assertThatThrownBy(() -> page.fguid(new byte[3])).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new IdentifyController(Golden.memory(4095)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new IdentifyController(MemorySegment.ofArray(new byte[4096])))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void offersAreBits() {
    page.oacs(IdentifyController.OACS_DOORBELL_BUFFER);
    page.oncs(0x8c);
    page.vwc(1);
    assertThat(page.offersAdmin(IdentifyController.OACS_DOORBELL_BUFFER)).isTrue();
    assertThat(page.offersAdmin(IdentifyController.OACS_FORMAT)).isFalse();
    assertThat(page.offersIo(IdentifyController.ONCS_DATASET_MANAGEMENT)).isTrue();
    assertThat(page.offersIo(IdentifyController.ONCS_WRITE_ZEROES)).isTrue();
    assertThat(page.offersIo(IdentifyController.ONCS_VERIFY)).isTrue();
    assertThat(page.offersIo(IdentifyController.ONCS_COMPARE)).isFalse();
    assertThat(page.hasVolatileWriteCache()).isTrue();
  }
}
