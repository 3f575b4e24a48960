package sluice.queues;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CompletionEntryTest {
  private final MemorySegment memory = Arena.ofAuto().allocate(48, 16);
  private final long entry = memory.address() + 16;

  @BeforeEach
  void dirty() {
    memory.fill((byte) 0xee);
  }

  private String image() {
    byte[] bytes = memory.toArray(ValueLayout.JAVA_BYTE);
    assertThat(HexFormat.of().formatHex(bytes, 0, 16)).isEqualTo("ee".repeat(16));
    assertThat(HexFormat.of().formatHex(bytes, 32, 48)).isEqualTo("ee".repeat(16));
    return HexFormat.of().formatHex(bytes, 16, 32);
  }

  @Test
  void writesEveryFieldInItsPlace() {
    CompletionEntry.writeRelease(entry, 0xa1b2c3d4, 0x1122, 0x3344, 0x5566, 0, 1);
    assertThat(image()).isEqualTo("d4c3b2a1" + "00000000" + "22114433" + "66550100");
    CompletionEntry.writeRelease(entry, 0, 0, 0, 0, 0x7fff, 0);
    assertThat(image()).isEqualTo("00000000" + "00000000" + "00000000" + "0000feff");
    CompletionEntry.writeRelease(entry, -1, 0xffff, 0xffff, 0xffff, 0x7fff, 1);
    assertThat(image()).isEqualTo("ffffffff" + "00000000" + "ffffffff" + "ffffffff");
    // Do Not Retry, status code type 2 (media errors), code 0x81 (unrecovered read error).
    CompletionEntry.writeRelease(entry, 0, 1, 1, 7, 0x4281, 1);
    assertThat(image()).isEqualTo("00000000" + "00000000" + "01000100" + "07000385");
  }

  @Test
  void readsEveryFieldBack() {
    String literal = "78563412" + "00000000" + "02810390" + "04a105b6";
    MemorySegment.copy(MemorySegment.ofArray(HexFormat.of().parseHex(literal)), 0, memory, 16, 16);
    assertThat(CompletionEntry.result(entry)).isEqualTo(0x12345678);
    assertThat(CompletionEntry.submissionQueueHead(entry)).isEqualTo(0x8102);
    assertThat(CompletionEntry.submissionQueueId(entry)).isEqualTo(0x9003);
    assertThat(CompletionEntry.commandId(entry)).isEqualTo(0xa104);
    assertThat(CompletionEntry.status(entry)).isEqualTo(0x5b02);
    assertThat(CompletionEntry.hasPhaseAcquire(entry, 1)).isTrue();
    assertThat(CompletionEntry.hasPhaseAcquire(entry, 0)).isFalse();
  }

  @Test
  void thePhaseIsOneBitAlone() {
    CompletionEntry.writeRelease(entry, 0, 0, 0, 0xffff, 0x7fff, 0);
    assertThat(CompletionEntry.hasPhaseAcquire(entry, 0)).isTrue();
    CompletionEntry.writeRelease(entry, 0, 0, 0, 0, 0, 1);
    assertThat(CompletionEntry.hasPhaseAcquire(entry, 1)).isTrue();
  }
}
