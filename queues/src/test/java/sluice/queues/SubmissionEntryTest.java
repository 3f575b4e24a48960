package sluice.queues;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SubmissionEntryTest {
  private static final String ZEROS = "00000000";

  private final MemorySegment memory = Arena.ofAuto().allocate(192, 64);
  private final long entry = memory.address() + 64;

  @BeforeEach
  void dirty() {
    memory.fill((byte) 0xee);
  }

  /** The entry as 16 dwords in memory order; its neighbours must be untouched. */
  private String image() {
    byte[] bytes = memory.toArray(ValueLayout.JAVA_BYTE);
    assertThat(HexFormat.of().formatHex(bytes, 0, 64)).isEqualTo("ee".repeat(64));
    assertThat(HexFormat.of().formatHex(bytes, 128, 192)).isEqualTo("ee".repeat(64));
    return HexFormat.of().formatHex(bytes, 64, 128);
  }

  @Test
  void beginZeroesAllTheRest() {
    SubmissionEntry.begin(entry, 0x02, 0x1234, 0xa1b2c3d4);
    assertThat(image()).isEqualTo("02003412" + "d4c3b2a1" + ZEROS.repeat(14));
    SubmissionEntry.begin(entry, 0xff, 0xffff, 0xffffffff);
    assertThat(image()).isEqualTo("ff00ffff" + "ffffffff" + ZEROS.repeat(14));
    assertThat(SubmissionEntry.opcode(entry)).isEqualTo(0xff);
    assertThat(SubmissionEntry.commandId(entry)).isEqualTo(0xffff);
    assertThat(SubmissionEntry.nsid(entry)).isEqualTo(-1);
    assertThat(SubmissionEntry.fuse(entry)).isZero();
    assertThat(SubmissionEntry.psdt(entry)).isZero();
  }

  @Test
  void aTransferLeavesNothingOfWhatWasThereBefore() {
    SubmissionEntry.transfer(entry, 0x02, 0xf234, 0xa1b2c3d4, 0x8102030405060708L, 0xc0c1c2c3);
    SubmissionEntry.prps(entry, 0x1112131415161718L, 0);
    String transfer = image();
    dirty();
    SubmissionEntry.begin(entry, 0x02, 0xf234, 0xa1b2c3d4);
    SubmissionEntry.prps(entry, 0x1112131415161718L, 0);
    SubmissionEntry.cdw10And11(entry, 0x8102030405060708L);
    SubmissionEntry.cdw(entry, 12, 0xc0c1c2c3);
    assertThat(transfer).isEqualTo(image());
  }

  @Test
  void everyFieldHasItsPlace() {
    SubmissionEntry.begin(entry, 0x01, 0x0002, 3);
    SubmissionEntry.prps(entry, 0x1112131415161718L, 0x2122232425262728L);
    SubmissionEntry.cdw(entry, 10, 0xa0a1a2a3);
    SubmissionEntry.cdw(entry, 11, 0xb0b1b2b3);
    SubmissionEntry.cdw(entry, 12, 0xc0c1c2c3);
    SubmissionEntry.cdw(entry, 13, 0xd0d1d2d3);
    SubmissionEntry.cdw(entry, 14, 0xe0e1e2e3);
    SubmissionEntry.cdw(entry, 15, 0xf0f1f2f3);
    assertThat(image())
        .isEqualTo(
            "01000200" // opcode, command id
                + "03000000" // namespace
                + "00000000" // dword 2
                + "00000000" // dword 3
                + "0000000000000000" // metadata pointer
                + "1817161514131211" // PRP1
                + "2827262524232221" // PRP2
                + "a3a2a1a0"
                + "b3b2b1b0"
                + "c3c2c1c0"
                + "d3d2d1d0"
                + "e3e2e1e0"
                + "f3f2f1f0");
    SubmissionEntry.cdw10And11(entry, 0x0102030405060708L);
    assertThat(image().substring(80, 96)).isEqualTo("0807060504030201");
    assertThat(image().substring(96)).isEqualTo("c3c2c1c0d3d2d1d0e3e2e1e0f3f2f1f0");
  }

  @Test
  void changesTheCommandIdAlone() {
    SubmissionEntry.begin(entry, 0x81, 0x7777, 5);
    SubmissionEntry.commandId(entry, 0xfedc);
    assertThat(image()).isEqualTo("8100dcfe" + "05000000" + ZEROS.repeat(14));
    assertThat(SubmissionEntry.opcode(entry)).isEqualTo(0x81);
  }

  @Test
  void readsEveryFieldBack() {
    String literal =
        "06c1cdab" // opcode 6, fuse 1, PSDT 3, command id 0xabcd
            + "44332211" // namespace
            + "88776655" // dword 2
            + "ccbbaa99" // dword 3
            + "0807060504030281" // metadata pointer
            + "1817161514131291" // PRP1
            + "28272625242322a1" // PRP2
            + "03020110"
            + "13121111"
            + "23222112"
            + "33323113"
            + "43424114"
            + "53525195";
    MemorySegment.copy(MemorySegment.ofArray(HexFormat.of().parseHex(literal)), 0, memory, 64, 64);
    assertThat(SubmissionEntry.opcode(entry)).isEqualTo(6);
    assertThat(SubmissionEntry.fuse(entry)).isEqualTo(1);
    assertThat(SubmissionEntry.psdt(entry)).isEqualTo(3);
    assertThat(SubmissionEntry.commandId(entry)).isEqualTo(0xabcd);
    assertThat(SubmissionEntry.nsid(entry)).isEqualTo(0x11223344);
    assertThat(SubmissionEntry.cdw2(entry)).isEqualTo(0x55667788);
    assertThat(SubmissionEntry.cdw3(entry)).isEqualTo(0x99aabbcc);
    assertThat(SubmissionEntry.mptr(entry)).isEqualTo(0x8102030405060708L);
    assertThat(SubmissionEntry.prp1(entry)).isEqualTo(0x9112131415161718L);
    assertThat(SubmissionEntry.prp2(entry)).isEqualTo(0xa122232425262728L);
    assertThat(SubmissionEntry.cdw(entry, 10)).isEqualTo(0x10010203);
    assertThat(SubmissionEntry.cdw(entry, 11)).isEqualTo(0x11111213);
    assertThat(SubmissionEntry.cdw(entry, 12)).isEqualTo(0x12212223);
    assertThat(SubmissionEntry.cdw(entry, 13)).isEqualTo(0x13313233);
    assertThat(SubmissionEntry.cdw(entry, 14)).isEqualTo(0x14414243);
    assertThat(SubmissionEntry.cdw(entry, 15)).isEqualTo(0x95515253);
    assertThat(SubmissionEntry.cdw10And11(entry)).isEqualTo(0x1111121310010203L);
  }
}
