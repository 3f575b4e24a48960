package sluice.recorder.volume;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.CatalogueEntry.PauseFigures;
import sluice.recorder.format.CatalogueEntry.RingFigures;
import sluice.recorder.format.CatalogueEntry.Totals;
import sluice.recorder.format.EndReason;
import sluice.recorder.format.IndexRange;
import sluice.recorder.format.RecordingState;
import sluice.recorder.format.SealedBlock;
import sluice.recorder.volume.CatalogueSlot.Copy;
import sluice.recorder.volume.CatalogueSlot.Health;

/** Each row of the table of copies in FORMAT.md. */
class CatalogueSlotTest {
  private static final int NUMBER = 3;

  private final MemorySegment blank = Arena.ofAuto().allocate(SealedBlock.SIZE, 8);

  private static MemorySegment whole(int generation, RecordingState state) {
    CatalogueEntry entry =
        new CatalogueEntry(
            NUMBER,
            state,
            EndReason.NONE,
            new UUID(1, 2),
            10,
            20,
            "a",
            "",
            Map.of(),
            List.of(),
            IndexRange.of(4096, 0, 0),
            Totals.NONE,
            new RingFigures(4096, 8192, 0),
            PauseFigures.NONE);
    MemorySegment payload = Arena.ofAuto().allocate(SealedBlock.PAYLOAD, 8);
    entry.encode(payload, generation % 2);
    MemorySegment block = Arena.ofAuto().allocate(SealedBlock.SIZE, 8);
    SealedBlock.seal(payload, generation, block);
    return block;
  }

  private static MemorySegment torn(int generation) {
    MemorySegment block = whole(generation, RecordingState.OPEN);
    block.asSlice(2048, 512).fill((byte) 0);
    return block;
  }

  /** A write over another one that was cut short. */
  private static MemorySegment mixed(int before, int generation) {
    MemorySegment block = whole(generation, RecordingState.OPEN);
    MemorySegment.copy(whole(before, RecordingState.OPEN), 2048, block, 2048, 512);
    return block;
  }

  private static MemorySegment damaged(int generation) {
    MemorySegment block = whole(generation, RecordingState.OPEN);
    block.set(JAVA_BYTE, 600, (byte) 1);
    return block;
  }

  private static void require(
      MemorySegment first, MemorySegment second, Health health, int generation) {
    CatalogueSlot slot = CatalogueSlot.read(NUMBER, first, second);
    assertThat(slot.health()).isEqualTo(health);
    assertThat(slot.generation()).isEqualTo(generation);
    assertThat(slot.entry() != null).isEqualTo(generation > 0);
    assertThat(slot.problem().isEmpty()).isEqualTo(health == Health.GOOD);
    assertThat(slot.isFree()).isEqualTo(generation == 0 && health != Health.UNREADABLE);
  }

  @Test
  void isFree() {
    require(blank, blank, Health.GOOD, 0);
    require(blank, torn(1), Health.CUT_SHORT, 0);
    require(torn(2), blank, Health.CUT_SHORT, 0);
  }

  @Test
  void isTheNewerOfTwo() {
    require(whole(2, RecordingState.OPEN), whole(1, RecordingState.OPEN), Health.GOOD, 2);
    require(whole(2, RecordingState.OPEN), whole(3, RecordingState.CLOSED), Health.CUT_SHORT, 3);
    require(whole(4, RecordingState.CLOSED), whole(3, RecordingState.CLOSED), Health.GOOD, 4);
    // A write of generation 3 has failed in between.
    require(whole(2, RecordingState.OPEN), whole(5, RecordingState.CLOSED), Health.CUT_SHORT, 5);
    require(whole(2, RecordingState.OPEN), whole(5, RecordingState.OPEN), Health.GOOD, 5);
    require(whole(2, RecordingState.GIVEN_UP), whole(9, RecordingState.OPEN), Health.CUT_SHORT, 9);
  }

  @Test
  void isTheWholeOne() {
    require(blank, whole(1, RecordingState.OPEN), Health.CUT_SHORT, 1);
    require(torn(2), whole(1, RecordingState.OPEN), Health.CUT_SHORT, 1);
    require(whole(2, RecordingState.OPEN), torn(3), Health.CUT_SHORT, 2);
    require(damaged(2), whole(3, RecordingState.CLOSED), Health.COPY_DAMAGED, 3);
    require(whole(4, RecordingState.CLOSED), damaged(3), Health.COPY_DAMAGED, 4);
  }

  private static void require(Copy first, Copy second, Health health, int generation) {
    CatalogueSlot slot = CatalogueSlot.judge(NUMBER, first, second);
    assertThat(slot.health()).isEqualTo(health);
    assertThat(slot.generation()).isEqualTo(generation);
    assertThat(slot.hasRecording()).isEqualTo(generation > 0);
    assertThat(slot.isFree()).isEqualTo(health == Health.GOOD && generation == 0);
  }

  @Test
  void standsByTheCopyThatTheDriveCanRead() {
    Copy bad = Copy.unreadable("the drive cannot read it");
    Copy first = Copy.read(NUMBER, 0, whole(4, RecordingState.OPEN));
    Copy second = Copy.read(NUMBER, 1, whole(3, RecordingState.OPEN));
    require(first, bad, Health.COPY_UNREADABLE, 4);
    require(bad, second, Health.COPY_UNREADABLE, 3);
    // A recording that was opened has both, so there was none: but nothing goes there any more.
    require(Copy.read(NUMBER, 0, blank), bad, Health.COPY_UNREADABLE, 0);
    require(bad, Copy.read(NUMBER, 1, blank), Health.COPY_UNREADABLE, 0);
    require(bad, bad, Health.UNREADABLE, 0);
    require(bad, Copy.read(NUMBER, 1, torn(1)), Health.COPY_UNREADABLE, 0);
    require(Copy.read(NUMBER, 0, torn(2)), bad, Health.COPY_UNREADABLE, 0);
    require(bad, Copy.read(NUMBER, 1, mixed(1, 3)), Health.UNREADABLE, 0);
    require(Copy.read(NUMBER, 0, damaged(4)), bad, Health.UNREADABLE, 0);
    // The end of a truncated drive is said of the drive.
    require(first, Copy.missing(), Health.GOOD, 4);
    require(Copy.read(NUMBER, 0, blank), Copy.missing(), Health.GOOD, 0);
  }

  @Test
  void isFreeWhenItWasGivenUp() {
    CatalogueSlot slot =
        CatalogueSlot.read(
            NUMBER, whole(4, RecordingState.GIVEN_UP), whole(3, RecordingState.GIVEN_UP));
    assertThat(slot.isFree()).isTrue();
    assertThat(slot.hasRecording()).isFalse();
    assertThat(slot.isBlank()).isFalse();
  }

  @Test
  void isDamaged() {
    require(whole(2, RecordingState.OPEN), whole(7, RecordingState.CLOSED), Health.COPY_DAMAGED, 7);
    require(damaged(2), damaged(1), Health.UNREADABLE, 0);
    require(damaged(2), torn(1), Health.UNREADABLE, 0);
    require(torn(2), torn(1), Health.UNREADABLE, 0);
    require(mixed(2, 4), blank, Health.UNREADABLE, 0);
    require(blank, mixed(1, 3), Health.UNREADABLE, 0);
    require(blank, damaged(1), Health.UNREADABLE, 0);
    // A copy of the other place, or of another entry, is none of this one.
    require(blank, whole(2, RecordingState.OPEN), Health.UNREADABLE, 0);
    MemorySegment first = whole(2, RecordingState.OPEN);
    MemorySegment second = whole(1, RecordingState.OPEN);
    assertThat(CatalogueSlot.read(NUMBER + 1, first, second).health()).isEqualTo(Health.UNREADABLE);
  }
}
