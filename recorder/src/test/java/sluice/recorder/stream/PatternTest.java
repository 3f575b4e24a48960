package sluice.recorder.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PatternTest {
  private static final int SIZE = 256;

  private final MemorySegment memory = Arena.ofAuto().allocate(SIZE, 8);

  private byte[] fill(Pattern pattern, int at, int length, long offset) {
    memory.fill((byte) 0x55);
    pattern.fill(memory.address() + at, length, offset);
    byte[] all = memory.toArray(ValueLayout.JAVA_BYTE);
    for (int i = 0; i < SIZE; i++) {
      if (i < at || i >= at + length) {
        assertThat(all[i])
            .as("byte %d is outside of [%d, +%d)", i, at, length)
            .isEqualTo((byte) 0x55);
      }
    }
    return memory.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
  }

  /** Recordings outlive programs: the pattern of a seed must never change. */
  @Test
  void goldenValues() {
    assertThat(new Pattern(0).word(0)).isEqualTo(0x72c34511458e93fcL);
    assertThat(new Pattern(0).word(1)).isEqualTo(0x3147061e787763b2L);
    assertThat(new Pattern(42).word(0)).isEqualTo(0x4db83018c2995f45L);
    assertThat(new Pattern(-1).word(1L << 60)).isEqualTo(0x55adcf1ab52c2b2eL);
    assertThat(fill(new Pattern(42), 0, 16, 4))
        .containsExactly(
            0x18, 0x30, 0xb8, 0x4d, 0x7c, 0x4f, 0x91, 0xed, 0xae, 0x26, 0x09, 0x92, 0x70, 0x43,
            0x81, 0x70);
  }

  @Test
  void anyPieceAtAnyAlignmentIsTheSameStream() {
    Pattern pattern = new Pattern(7);
    for (int at = 0; at < 9; at++) {
      for (int shift = 0; shift < 9; shift++) {
        for (int length = 0; length < 34; length++) {
          long offset = 1_000_000L + shift;
          byte[] bytes = fill(pattern, at, length, offset);
          for (int i = 0; i < length; i++) {
            assertThat(bytes[i]).isEqualTo(pattern.byteAt(offset + i));
          }
          assertThat(pattern.verify(memory.address() + at, length, offset)).isEqualTo(-1);
        }
      }
    }
  }

  @Test
  void verifyFindsTheFirstByteThatDiffers() {
    Pattern pattern = new Pattern(7);
    long address = memory.address();
    for (int at = 0; at < 8; at++) {
      for (int shift = 0; shift < 8; shift++) {
        for (int bad = 0; bad < 40; bad++) {
          long offset = 800L + shift;
          pattern.fill(address + at, 40, offset);
          flip(at + bad);
          if (bad + 5 < 40) {
            flip(at + bad + 5);
          }
          assertThat(pattern.verify(address + at, 40, offset)).isEqualTo(offset + bad);
        }
      }
    }
  }

  @Test
  void streamsOfNeighbouringSeedsHaveNothingInCommon() {
    Set<Long> seen = new HashSet<>();
    for (long seed = -50; seed < 50; seed++) {
      Pattern pattern = new Pattern(seed);
      for (int i = 0; i < 1000; i++) {
        assertThat(seen.add(pattern.word(i))).as("seed %d, word %d", seed, i).isTrue();
      }
    }
  }

  private void flip(int at) {
    byte was = memory.get(ValueLayout.JAVA_BYTE, at);
    memory.set(ValueLayout.JAVA_BYTE, at, (byte) (was ^ 0x10));
  }
}
