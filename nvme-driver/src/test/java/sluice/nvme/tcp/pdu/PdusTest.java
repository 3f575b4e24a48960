package sluice.nvme.tcp.pdu;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import sluice.nvme.spec.Golden;
import sluice.support.memory.OffHeap;

class PdusTest {
  private final MemorySegment memory = Golden.memory(256);
  private final long pdu = memory.address();

  @Test
  void commonHeader() {
    Pdu.begin(pdu, Pdu.C2H_DATA, Pdu.LAST | Pdu.SUCCESS, 24, 28, 0x89abcdef);
    Golden.assertBytes(memory, "0: 07 0c 18 1c ef cd ab 89");
    assertThat(Pdu.type(pdu)).isEqualTo(Pdu.C2H_DATA);
    assertThat(Pdu.flags(pdu)).isEqualTo(12);
    assertThat(Pdu.headerBytes(pdu)).isEqualTo(24);
    assertThat(Pdu.dataOffset(pdu)).isEqualTo(28);
    assertThat(Pdu.bytes(pdu)).isEqualTo(0x89abcdefL);
    Pdu.begin(pdu, 0xff, 0xff, 0xff, 0xff, -1);
    assertThat(Pdu.dataOffset(pdu)).isEqualTo(255);
    assertThat(Pdu.headerBytes(pdu)).isEqualTo(255);
    assertThat(Pdu.bytes(pdu)).isEqualTo(0xffffffffL);
  }

  @Test
  void initializing() {
    InitializePdu.request(pdu, InitializePdu.HEADER_DIGESTS | InitializePdu.DATA_DIGESTS, 16);
    Golden.assertBytes(memory, "0: 00 00 80 00 80 00 00 00", "11: 03 0f");
    assertThat(InitializePdu.digests(pdu)).isEqualTo(3);
    assertThat(InitializePdu.maxReady(pdu)).isEqualTo(16);
    assertThat(InitializePdu.format(pdu)).isZero();
    InitializePdu.response(pdu, 3, InitializePdu.DATA_DIGESTS, 0x400000);
    Golden.assertBytes(memory, "0: 01 00 80 00 80 00 00 00", "10: 03 02 00 00 40 00");
    assertThat(InitializePdu.alignment(pdu)).isEqualTo(3);
    assertThat(InitializePdu.maxData(pdu)).isEqualTo(0x400000);
  }

  @Test
  void data() {
    Pdu.begin(pdu, Pdu.H2C_DATA, Pdu.LAST, DataPdu.HEADER_BYTES, 24, 24 + 4096);
    DataPdu.put(pdu, 0x1234, 0x5678, 0x10000, 4096);
    Golden.assertBytes(
        memory, "0: 06 04 18 18 18 10 00 00 34 12 78 56 00 00 01 00 00 10 00 00 00 00 00 00");
    assertThat(DataPdu.commandId(pdu)).isEqualTo(0x1234);
    assertThat(DataPdu.tag(pdu)).isEqualTo(0x5678);
    assertThat(DataPdu.offset(pdu)).isEqualTo(0x10000);
    assertThat(DataPdu.length(pdu)).isEqualTo(4096);
  }

  @Test
  void ready() {
    Pdu.begin(pdu, Pdu.R2T, 0, ReadyPdu.BYTES, 0, ReadyPdu.BYTES);
    ReadyPdu.put(pdu, 0xfffe, 1, 8192, -4);
    Golden.assertBytes(
        memory, "0: 09 00 18 00 18 00 00 00 fe ff 01 00 00 20 00 00 fc ff ff ff 00 00 00 00");
    assertThat(ReadyPdu.commandId(pdu)).isEqualTo(0xfffe);
    assertThat(ReadyPdu.tag(pdu)).isEqualTo(1);
    assertThat(ReadyPdu.offset(pdu)).isEqualTo(8192);
    assertThat(ReadyPdu.length(pdu)).isEqualTo(0xfffffffcL);
  }

  @Test
  void termination() {
    MemorySegment wrong = Golden.memory(8);
    Pdu.begin(wrong.address(), Pdu.R2T, 0, 24, 0, 24);
    int bytes =
        TerminationPdu.put(
            pdu, Pdu.H2C_TERM_REQ, TerminationPdu.DATA_OUT_OF_RANGE, 0x123456, wrong.address(), 8);
    assertThat(bytes).isEqualTo(32);
    Golden.assertBytes(
        memory, "0: 02 00 18 00 20 00 00 00 04 00 56 34 12 00", "24: 09 00 18 00 18 00 00 00");
    assertThat(TerminationPdu.error(pdu)).isEqualTo(TerminationPdu.DATA_OUT_OF_RANGE);
    assertThat(TerminationPdu.information(pdu)).isEqualTo(0x123456);
    assertThat(TerminationPdu.name(4)).isEqualTo("data transfer out of range");
    assertThat(TerminationPdu.name(9)).isEqualTo("error 9");
  }

  @Test
  void names() {
    assertThat(Pdu.name(Pdu.R2T)).isEqualTo("R2T");
    assertThat(Pdu.name(0x42)).isEqualTo("PDU of type 0x42");
  }

  /** The check value that catalogues of CRCs give for CRC-32C. */
  @Test
  void aDigestIsCrc32c() {
    byte[] text = "123456789".getBytes(StandardCharsets.US_ASCII);
    long data = memory.address();
    MemorySegment.copy(MemorySegment.ofArray(text), 0, memory, 5, text.length);
    Crc crc = new Crc();
    crc.update(data + 5, 4);
    crc.update(data + 9, 5);
    assertThat(crc.value()).isEqualTo(0xe3069283);
    OffHeap.putInt(pdu, crc.value());
    Golden.assertBytes(memory.asSlice(0, 4), "0: 83 92 06 e3");
    crc.reset();
    assertThat(crc.value()).isZero();
  }

  @Test
  void aDigestGoesOverManyPiecesOfMemory() {
    Crc crc = new Crc();
    Crc whole = new Crc();
    for (int i = 0; i < 40; i++) {
      MemorySegment piece = Golden.memory(64);
      piece.fill((byte) i);
      crc.update(piece.address(), 64);
      MemorySegment.copy(piece, 0, memory, 0, 64);
      whole.update(memory.address(), 64);
    }
    assertThat(crc.value()).isEqualTo(whole.value());
  }
}
