package sluice.recorder.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import sluice.recorder.format.SealedBlock.Condition;

class SealedBlockTest {
  private static MemorySegment sealed(long seed, int generation) {
    SplittableRandom random = new SplittableRandom(seed);
    MemorySegment payload = Bytes.allocate(SealedBlock.PAYLOAD);
    for (int i = 0; i < SealedBlock.PAYLOAD; i++) {
      payload.set(JAVA_BYTE, i, (byte) random.nextInt());
    }
    MemorySegment block = Bytes.allocate(SealedBlock.SIZE);
    SealedBlock.seal(payload, generation, block);
    return block;
  }

  private static Condition conditionOf(MemorySegment block) {
    return SealedBlock.open(block).condition();
  }

  @Test
  void givesBackWhatWasSealed() {
    MemorySegment block = sealed(1, 7);
    SealedBlock opened = SealedBlock.open(block);
    assertThat(opened.isWhole()).isTrue();
    assertThat(opened.generation()).isEqualTo(7);
    MemorySegment again = Bytes.allocate(SealedBlock.SIZE);
    SealedBlock.seal(opened.payload(), 7, again);
    assertThat(again.mismatch(block)).isEqualTo(-1);
  }

  @Test
  void isBlankWhenNeverWritten() {
    assertThat(conditionOf(Bytes.allocate(SealedBlock.SIZE))).isEqualTo(Condition.BLANK);
  }

  /** Whatever subset of the sectors a cut write has reached, over blank or over an older write. */
  @Test
  void isTornWhenSectorsAreOfTwoWrites() {
    MemorySegment older = sealed(1, 1);
    MemorySegment newer = sealed(2, 3);
    MemorySegment blank = Bytes.allocate(SealedBlock.SIZE);
    for (int subset = 1; subset < 255; subset++) {
      assertThat(conditionOf(mix(older, newer, subset))).as("%d", subset).isEqualTo(Condition.TORN);
      assertThat(conditionOf(mix(blank, newer, subset))).as("%d", subset).isEqualTo(Condition.TORN);
    }
  }

  private static MemorySegment mix(MemorySegment older, MemorySegment newer, int subset) {
    MemorySegment mixed = Bytes.allocate(SealedBlock.SIZE);
    for (int i = 0; i < SealedBlock.SECTORS; i++) {
      MemorySegment from = (subset >> i & 1) == 0 ? older : newer;
      MemorySegment.copy(from, 512L * i, mixed, 512L * i, 512);
    }
    return mixed;
  }

  @Test
  void isDamagedWhenAnyBitIsFlipped() {
    MemorySegment block = sealed(3, 2);
    for (long bit = 0; bit < SealedBlock.SIZE * 8; bit++) {
      Bytes.flip(block, bit);
      if (conditionOf(block) != Condition.DAMAGED) {
        throw new AssertionError("bit " + bit + " flipped, and the block is " + conditionOf(block));
      }
      Bytes.flip(block, bit);
    }
    assertThat(conditionOf(block)).isEqualTo(Condition.WHOLE);
  }

  @Test
  void refusesGenerationZero() {
    MemorySegment block = Bytes.allocate(SealedBlock.SIZE);
    assertThatThrownBy(() -> SealedBlock.seal(Bytes.allocate(SealedBlock.PAYLOAD), 0, block))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
