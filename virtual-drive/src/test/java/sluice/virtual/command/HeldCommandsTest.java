package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HeldCommandsTest {
  private final CommandTable table = new CommandTable(64);
  private final HeldCommands held = new HeldCommands(table);
  private final List<Integer> answered = new ArrayList<>();
  private boolean hasRoom = true;

  private void hold(int slot, long due) {
    table.dues[slot] = due;
    held.add(slot);
  }

  private boolean answer(int slot) {
    if (hasRoom) {
      answered.add(slot);
    }
    return hasRoom;
  }

  @Test
  void areAnsweredAtTheirTimes() {
    hold(10, 300);
    hold(11, 100);
    hold(12, 200);
    hold(13, CommandTable.NEVER);
    assertThat(held.nextDue()).isEqualTo(100);
    assertThat(held.answer(99, this::answer)).isZero();
    assertThat(held.answer(200, this::answer)).isEqualTo(2);
    assertThat(answered).containsExactly(11, 12);
    assertThat(held.answer(Long.MAX_VALUE - 1, this::answer)).isEqualTo(1);
    assertThat(held.isEmpty()).isFalse();
    assertThat(held.nextDue()).isEqualTo(CommandTable.NEVER);
  }

  @Test
  void waitForRoomInTheirOrder() {
    hasRoom = false;
    hold(10, 100);
    hold(11, 101);
    assertThat(held.answer(200, this::answer)).isZero();
    assertThat(held.answer(200, this::answer)).isZero();
    assertThat(table.states[10]).isEqualTo(CommandTable.READY);
    hasRoom = true;
    assertThat(held.answer(200, this::answer)).isEqualTo(2);
    assertThat(answered).containsExactly(10, 11);
    assertThat(held.isEmpty()).isTrue();
  }

  @Test
  void areTakenOutBeforeTheirTimeOnly() {
    hold(10, 100);
    hold(11, CommandTable.NEVER);
    assertThat(held.remove(11)).isTrue();
    assertThat(held.remove(11)).as("twice").isFalse();
    hasRoom = false;
    assertThat(held.answer(100, this::answer)).isZero();
    assertThat(held.remove(10)).as("one whose time has come").isFalse();
    boolean[] which = new boolean[64];
    which[10] = true;
    held.drop(which);
    assertThat(held.isEmpty()).isTrue();
  }

  @Test
  void aSlotIsGivenOnceAndFoundByItsCommand() {
    assertThat(table.isEmpty()).isTrue();
    assertThat(table.free()).isEqualTo(64);
    int slot = table.next();
    assertThat(table.claim()).isEqualTo(slot);
    assertThat(table.next()).isNotEqualTo(slot);
    assertThat(table.entry(1) - table.entry(0)).isEqualTo(64);
    table.release(slot);
    assertThat(table.next()).isEqualTo(slot);
    assertThat(table.isEmpty()).isTrue();
  }

  @Test
  void keepTheOrderOfTimesWhateverIsDone() {
    long seed = 3;
    SplittableRandom random = new SplittableRandom(seed);
    record Model(int slot, long due) {}
    List<Model> model = new ArrayList<>();
    List<Integer> free = new ArrayList<>();
    for (int slot = 0; slot < 64; slot++) {
      free.add(slot);
    }
    long now = 0;
    for (int round = 0; round < 20_000; round++) {
      if (random.nextInt(3) > 0 && !free.isEmpty()) {
        int slot = free.removeLast();
        // Times are all different, because those that are the same come in any order.
        long due = (now + 1 + random.nextInt(1000)) * 64 + slot;
        hold(slot, due);
        model.add(new Model(slot, due));
      } else if (random.nextInt(8) == 0 && !model.isEmpty()) {
        Model gone = model.remove(random.nextInt(model.size()));
        assertThat(held.remove(gone.slot)).isTrue();
        free.add(gone.slot);
      } else {
        now += random.nextInt(200);
        long time = now * 64;
        answered.clear();
        held.answer(time, this::answer);
        List<Integer> expected =
            model.stream()
                .filter(m -> m.due <= time)
                .sorted(Comparator.comparingLong(Model::due))
                .map(Model::slot)
                .toList();
        model.removeIf(m -> m.due <= time);
        free.addAll(expected);
        assertThat(answered).as("seed %d, round %d", seed, round).isEqualTo(expected);
      }
    }
  }
}
