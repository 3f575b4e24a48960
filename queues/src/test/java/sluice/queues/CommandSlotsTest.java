package sluice.queues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandSlotsTest {
  @Test
  void handsOutEachOnceLowestFirst() {
    CommandSlots slots = new CommandSlots(3);
    assertThat(slots.count()).isEqualTo(3);
    assertThat(slots.outstanding()).isZero();
    assertThat(slots.acquire()).isZero();
    assertThat(slots.acquire()).isEqualTo(1);
    assertThat(slots.acquire()).isEqualTo(2);
    assertThat(slots.acquire()).isEqualTo(-1);
    assertThat(slots.outstanding()).isEqualTo(3);
  }

  @Test
  void whatCameBackFirstGoesOutFirst() {
    CommandSlots slots = new CommandSlots(8);
    for (int i = 0; i < 5; i++) {
      slots.acquire();
    }
    slots.release(1);
    slots.release(3);
    for (int expected : new int[] {5, 6, 7, 1, 3, -1}) {
      assertThat(slots.acquire()).isEqualTo(expected);
    }
  }

  @Test
  void knowsWhatIsOut() {
    CommandSlots slots = new CommandSlots(4);
    int slot = slots.acquire();
    assertThat(slots.isOutstanding(slot)).isTrue();
    assertThat(slots.isOutstanding(1)).isFalse();
    assertThat(slots.isOutstanding(4)).as("there is no such slot").isFalse();
    assertThat(slots.isOutstanding(0xffff)).isFalse();
    slots.release(slot);
    assertThat(slots.isOutstanding(slot)).isFalse();
    assertThatThrownBy(() -> slots.release(slot))
        .isInstanceOf(AssertionError.class)
        .hasMessage("slot 0 is not out");
  }

  @Test
  void anIdentifierThatCameBackNamesNoCommandThoughItsSlotIsOutAgain() {
    CommandSlots slots = new CommandSlots(1);
    assertThat(slots.acquire()).isZero();
    int first = slots.identifier(0);
    assertThat(slots.slotOf(first)).isZero();
    slots.release(0);
    assertThat(slots.slotOf(first)).isEqualTo(-1);
    int different = 0;
    boolean isMistaken = false;
    while (slots.acquire() == 0 && slots.identifier(0) != first) {
      different++;
      isMistaken |= slots.slotOf(first) != -1 || slots.slotOf(slots.identifier(0)) != 0;
      slots.release(0);
    }
    assertThat(isMistaken).isFalse();
    assertThat(different).as("generations").isEqualTo((1 << 15) - 1);
  }

  @Test
  void anIdentifierThatNeverWentOutNamesNoCommand() {
    CommandSlots slots = new CommandSlots(5);
    for (int i = 0; i < 5; i++) {
      slots.acquire();
    }
    for (int identifier = 5; identifier < 0x200; identifier++) {
      assertThat(slots.slotOf(identifier)).isEqualTo(-1);
      assertThat(slots.isKnown(identifier)).isEqualTo((identifier & 7) < 5);
    }
    assertThat(slots.slotOf(0xffff)).isEqualTo(-1);
    assertThat(slots.isKnown(0xffff)).isFalse();
  }

  @Test
  void givesAllBackAtOnceInTheirNextGeneration() {
    CommandSlots slots = new CommandSlots(3);
    slots.acquire();
    slots.release(slots.acquire());
    int out = slots.identifier(0);
    slots.releaseAll();
    assertThat(slots.outstanding()).isZero();
    assertThat(slots.slotOf(out)).isEqualTo(-1);
    assertThat(slots.acquire()).isEqualTo(2);
    assertThat(slots.acquire()).isEqualTo(1);
    assertThat(slots.acquire()).isZero();
    assertThat(slots.identifier(0)).isNotEqualTo(out);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 64, 127, 1023, 32767, 65535})
  void neverHandsOutTheIdentifierThatMeansNone(int count) {
    CommandSlots slots = new CommandSlots(count);
    int highest = 0;
    for (int round = 0; round < 200_000 / count + 2; round++) {
      for (int i = 0; i < count; i++) {
        highest = Math.max(highest, slots.identifier(slots.acquire()));
      }
      slots.releaseAll();
    }
    assertThat(highest).isLessThan(0xffff);
  }

  @Test
  void refusesCountsThatCannotBe() {
    assertThatThrownBy(() -> new CommandSlots(65536))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("1 to 65535 command slots, not 65536");
    assertThatThrownBy(() -> new CommandSlots(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 64, 1023})
  void agreesWithAModel(int count) {
    SplittableRandom random = new SplittableRandom(count);
    CommandSlots slots = new CommandSlots(count);
    BitSet out = new BitSet();
    List<Integer> ids = new ArrayList<>();
    for (int step = 0; step < 50_000; step++) {
      if (random.nextBoolean()) {
        int id = slots.acquire();
        if (ids.size() == count) {
          assertThat(id).as("seed %d, step %d", count, step).isEqualTo(-1);
        } else {
          assertThat(id).as("seed %d, step %d", count, step).isBetween(0, count - 1);
          assertThat(out.get(id)).as("seed %d, step %d: %d twice", count, step, id).isFalse();
          out.set(id);
          ids.add(id);
        }
      } else if (!ids.isEmpty()) {
        int id = ids.remove(/* index */ random.nextInt(ids.size()));
        assertThat(slots.slotOf(slots.identifier(id))).as("seed %d", count).isEqualTo(id);
        out.clear(id);
        slots.release(id);
      }
      assertThat(slots.outstanding()).isEqualTo(ids.size());
    }
  }
}
