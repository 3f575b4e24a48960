package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BlockLocksTest {
  private static final int CAPACITY = 32;

  private record Part(int slot, long start, long end, boolean writes) {
    boolean isInTheWayOf(Part other) {
      return start < other.end && other.start < end && (writes || other.writes);
    }
  }

  private final BlockLocks locks = new BlockLocks(CAPACITY);
  private final List<Part> locked = new ArrayList<>();
  private final List<Part> waiting = new ArrayList<>();

  private boolean isFree(Part part, List<Part> before) {
    return locked.stream().noneMatch(part::isInTheWayOf)
        && before.stream().noneMatch(part::isInTheWayOf);
  }

  /** Against lists that are looked through from the beginning each time. */
  @Test
  void eachWaitsForWhatIsInItsWayAndForNothingElse() {
    long seed = 11;
    SplittableRandom random = new SplittableRandom(seed);
    List<Integer> free = new ArrayList<>();
    for (int slot = 0; slot < CAPACITY; slot++) {
      free.add(slot);
    }
    int longest = 0;
    for (int round = 0; round < 20_000; round++) {
      int choice = random.nextInt(8);
      if (choice < 4 && !free.isEmpty()) {
        int slot = free.removeLast();
        long start = random.nextInt(60);
        Part part = new Part(slot, start, start + 1 + random.nextInt(12), random.nextBoolean());
        locks.describe(slot, part.start, part.end, part.writes);
        boolean isFree = isFree(part, waiting);
        assertThat(locks.isFree(part.start, part.end, part.writes)).isEqualTo(isFree);
        assertThat(locks.lockOrWait(slot)).isEqualTo(isFree);
        (isFree ? locked : waiting).add(part);
      } else if (choice < 7 && !locked.isEmpty()) {
        Part part = locked.remove(random.nextInt(locked.size()));
        locks.unlock(part.slot);
        free.add(part.slot);
      } else if (!waiting.isEmpty() && random.nextInt(4) == 0) {
        boolean[] which = new boolean[CAPACITY];
        Part part = waiting.remove(random.nextInt(waiting.size()));
        which[part.slot] = true;
        locks.drop(which);
        free.add(part.slot);
      }
      checkFreed(seed, round);
      longest = Math.max(longest, waiting.size());
      assertThat(locks.isEmpty()).isEqualTo(locked.isEmpty() && waiting.isEmpty());
    }
    assertThat(longest).as("waited at once").isGreaterThan(10);
  }

  private void checkFreed(long seed, int round) {
    List<Integer> expected = new ArrayList<>();
    List<Part> kept = new ArrayList<>();
    for (Part part : List.copyOf(waiting)) {
      if (isFree(part, kept)) {
        expected.add(part.slot);
        locked.add(part);
        waiting.remove(part);
      } else {
        kept.add(part);
      }
    }
    List<Integer> freed = new ArrayList<>();
    for (int at = locks.nextFree(0); at != CommandTable.NONE; at = locks.nextFree(at)) {
      freed.add(locks.lock(at));
    }
    assertThat(freed).as("seed %d, round %d", seed, round).isEqualTo(expected);
  }
}
