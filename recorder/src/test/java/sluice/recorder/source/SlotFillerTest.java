package sluice.recorder.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import sluice.recorder.stream.Pattern;

class SlotFillerTest {
  private static final int SLOT = 4096;

  private final AtomicLong ticks = new AtomicLong();
  private final RingReader reader = new RingReader(SLOT, 2);
  private final SlotFiller slots = new SlotFiller(reader.ring, ticks::get, 1000);
  private final Pattern pattern = new Pattern(1);

  @Test
  void commitsFullSlotsWithTheTimeOfTheirFirstByte() {
    long at = slots.at();
    assertThat(at).isEqualTo(reader.ring.memory().address());
    slots.filled(4000, 10);
    assertThat(slots.at()).isEqualTo(at + 4000);
    assertThat(slots.room()).isEqualTo(96);
    assertThat(reader.ring.committed()).isZero();
    slots.filled(96, 20);
    assertThat(reader.take().slots).containsExactly(new RingReader.Slot(SLOT, 10));
    assertThat(slots.at()).isEqualTo(at + SLOT);
  }

  @Test
  void appendsOverSlotsUntilTheRingIsFull() {
    long length = 3L * SLOT;
    long from = Arena.global().allocate(length, 8).address();
    pattern.fill(from, length, 0);
    assertThat(slots.append(from, 100, 1)).isEqualTo(100);
    assertThat(slots.append(from + 100, length - 100, 2)).isEqualTo(2 * SLOT - 100);
    assertThat(slots.at()).isZero();
    assertThat(reader.verify(pattern)).isEqualTo(2 * SLOT);
    assertThat(slots.append(from + 2 * SLOT, SLOT, 3)).isEqualTo(SLOT);
    assertThat(reader.verify(pattern)).isEqualTo(length);
  }

  @Test
  void putsAGapBehindWhatWasFilled() {
    assertThat(slots.at()).isNotZero();
    slots.filled(10, 1);
    slots.lost(0, 2);
    assertThat(reader.ring.committed()).as("nothing is missing").isZero();
    slots.lost(5, 2);
    slots.lost(6, 3);
    assertThat(slots.at()).isNotZero();
    slots.filled(20, 4);
    slots.lost(7, 5);
    slots.end();
    assertThat(reader.take().slots)
        .containsExactly(new RingReader.Slot(10, 1), new RingReader.Slot(20, 4));
    assertThat(reader.gaps).containsExactly(new RingReader.Gap(10, 11), new RingReader.Gap(41, 7));
  }

  @Test
  void commitsWhatHasWaitedForLongEnough() {
    ticks.set(50);
    slots.commitIfOld();
    assertThat(slots.at()).isNotZero();
    slots.filled(10, 1);
    ticks.set(1000);
    slots.filled(10, 2);
    ticks.set(1049);
    slots.commitIfOld();
    assertThat(reader.ring.committed()).isZero();
    ticks.set(1050);
    slots.commitIfOld();
    assertThat(reader.take().slots).containsExactly(new RingReader.Slot(20, 1));
    ticks.set(9999);
    slots.commitIfOld();
    assertThat(reader.ring.committed()).isOne();
  }
}
