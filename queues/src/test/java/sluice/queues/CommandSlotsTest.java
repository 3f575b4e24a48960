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
  void whatCameBackLastGoesOutFirst() {
    CommandSlots slots = new CommandSlots(8);
    for (int i = 0; i < 5; i++) {
      slots.acquire();
    }
    slots.release(1);
    slots.release(3);
    assertThat(slots.acquire()).isEqualTo(3);
    assertThat(slots.acquire()).isEqualTo(1);
    assertThat(slots.acquire()).isEqualTo(5);
  }

  @Test
  void knowsWhatIsOut() {
    CommandSlots slots = new CommandSlots(4);
    int id = slots.acquire();
    assertThat(slots.isOutstanding(id)).isTrue();
    assertThat(slots.isOutstanding(1)).isFalse();
    assertThat(slots.isOutstanding(4)).as("there is no such command").isFalse();
    assertThat(slots.isOutstanding(0xffff)).isFalse();
    slots.release(id);
    assertThat(slots.isOutstanding(id)).isFalse();
    assertThatThrownBy(() -> slots.release(id))
        .isInstanceOf(AssertionError.class)
        .hasMessage("command 0 is not out");
  }

  @Test
  void neverHandsOutTheIdentifierThatMeansNone() {
    CommandSlots slots = new CommandSlots(65535);
    int highest = -1;
    for (int id = slots.acquire(); id >= 0; id = slots.acquire()) {
      highest = Math.max(highest, id);
    }
    assertThat(highest).isEqualTo(65534);
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
        out.clear(id);
        slots.release(id);
      }
      assertThat(slots.outstanding()).isEqualTo(ids.size());
    }
  }
}
