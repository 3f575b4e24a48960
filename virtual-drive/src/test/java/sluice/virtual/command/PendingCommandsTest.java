package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PendingCommandsTest {
  private record Posted(int sqId, int commandId, int status, int result) {}

  private final List<Posted> posted = new ArrayList<>();
  private boolean hasRoom = true;
  private final PendingCommands.Poster poster =
      (sqId, commandId, status, result) -> {
        if (hasRoom) {
          posted.add(new Posted(sqId, commandId, status, result));
        }
        return hasRoom;
      };
  private final List<String> failed = new ArrayList<>();
  private final PendingCommands.FlushFailures failures =
      (sqId, commandId, nsid, lba) ->
          failed.add(sqId + " " + commandId + " nsid " + nsid + " lba " + lba);
  private final PendingCommands pending = new PendingCommands(64);

  @Test
  void completesAtTheirTimes() {
    pending.schedule(1, 10, 0, 5, 300);
    pending.schedule(1, 11, 2, 6, 100);
    pending.schedule(2, 12, 3, 7, 200);
    pending.schedule(2, 13, 0, 0, PendingCommands.NEVER);
    assertThat(pending.free()).isEqualTo(60);
    assertThat(pending.complete(99, poster)).isZero();
    assertThat(pending.complete(200, poster)).isEqualTo(2);
    assertThat(posted).containsExactly(new Posted(1, 11, 2, 6), new Posted(2, 12, 3, 7));
    assertThat(pending.complete(Long.MAX_VALUE - 1, poster)).isEqualTo(1);
    assertThat(pending.free()).isEqualTo(63);
    assertThat(pending.isEmpty()).isFalse();
    pending.clear();
    assertThat(pending.isEmpty()).isTrue();
  }

  @Test
  void waitsForRoom() {
    hasRoom = false;
    pending.schedule(1, 10, 0, 0, 100);
    pending.schedule(1, 11, 0, 0, 101);
    assertThat(pending.complete(200, poster)).isZero();
    assertThat(pending.complete(200, poster)).isZero();
    hasRoom = true;
    assertThat(pending.complete(200, poster)).isEqualTo(2);
    assertThat(posted).extracting(Posted::commandId).containsExactly(10, 11);
    assertThat(pending.isEmpty()).isTrue();
  }

  @Test
  void waitsForAFlush() {
    pending.awaitFlush(1, 10, 5, 100, 3, 43);
    pending.awaitFlush(1, 11, 6, 100, 3, 44);
    pending.awaitFlush(1, 12, 6, 1000, 3, 45);
    assertThat(pending.isFlushing()).isTrue();
    pending.flushed(4, 0, failures);
    assertThat(pending.complete(200, poster)).isZero();
    pending.flushed(5, 0, failures);
    assertThat(pending.complete(200, poster)).isEqualTo(1);
    assertThat(failed).isEmpty();
    pending.flushed(6, 0x280, failures);
    assertThat(failed).containsExactly("1 11 nsid 3 lba 44", "1 12 nsid 3 lba 45");
    assertThat(pending.isFlushing()).isFalse();
    assertThat(pending.complete(200, poster)).isEqualTo(1);
    assertThat(pending.complete(1000, poster)).isEqualTo(1);
    assertThat(posted)
        .containsExactly(
            new Posted(1, 10, 0, 0), new Posted(1, 11, 0x280, 0), new Posted(1, 12, 0x280, 0));
  }

  @Test
  void aborts() {
    pending.schedule(1, 10, 0, 0, 100);
    pending.schedule(1, 11, 0, 0, PendingCommands.NEVER);
    pending.schedule(2, 11, 0, 0, 100);
    pending.awaitFlush(1, 12, 1, 0, 1, 0);
    assertThat(pending.takeOut(1, 11)).isTrue();
    assertThat(pending.takeOut(1, 11)).as("twice").isFalse();
    assertThat(pending.takeOut(1, 12)).as("while it is flushed").isFalse();
    assertThat(pending.takeOut(3, 10)).isFalse();
    assertThat(pending.free()).isEqualTo(61);
    assertThat(pending.complete(100, poster)).isEqualTo(2);
    assertThat(posted).extracting(Posted::commandId).containsExactlyInAnyOrder(10, 11);
  }

  @Test
  void endsAQueueAndNoOther() {
    pending.schedule(1, 10, 0, 0, 100);
    pending.schedule(2, 20, 0, 0, 50);
    pending.awaitFlush(1, 11, 1, 0, 1, 0);
    pending.awaitFlush(2, 21, 1, 0, 1, 0);
    pending.schedule(1, 12, 0, 0, PendingCommands.NEVER);
    pending.schedule(2, 22, 0, 0, PendingCommands.NOW);
    pending.abandon(1, 8, poster);
    assertThat(posted).extracting(Posted::commandId).containsExactlyInAnyOrder(10, 11, 12);
    assertThat(posted).allMatch(p -> p.status() == 8);
    pending.flushed(1, 0, failures);
    assertThat(pending.complete(50, poster)).isEqualTo(3);
    assertThat(pending.isEmpty()).isTrue();
  }

  @Test
  void forgetsAQueueWithoutRoom() {
    hasRoom = false;
    pending.schedule(1, 10, 0, 0, 0);
    pending.schedule(2, 20, 0, 0, 0);
    assertThat(pending.complete(0, poster)).isZero();
    pending.abandon(1, 8, poster);
    hasRoom = true;
    assertThat(pending.complete(0, poster)).isEqualTo(1);
    assertThat(posted).extracting(Posted::sqId).containsExactly(2);
    assertThat(pending.isEmpty()).isTrue();
  }

  @Test
  void keepsTheOrderOfTimesWhateverIsDone() {
    long seed = 3;
    SplittableRandom random = new SplittableRandom(seed);
    record Model(int commandId, long due) {}
    List<Model> model = new ArrayList<>();
    long now = 0;
    int next = 0;
    for (int round = 0; round < 20_000; round++) {
      switch (random.nextInt(3)) {
        case 0, 1 -> {
          if (pending.free() > 0) {
            // Times are all different, because those that are the same complete in any order.
            long due = (now + 1 + random.nextInt(1000)) * 100_000 + next % 100_000;
            pending.schedule(0, next, 0, 0, due);
            model.add(new Model(next++, due));
          }
        }
        default -> {
          now += random.nextInt(200);
          long time = now * 100_000;
          posted.clear();
          pending.complete(time, poster);
          List<Integer> expected =
              model.stream()
                  .filter(m -> m.due <= time)
                  .sorted(Comparator.comparingLong(Model::due))
                  .map(Model::commandId)
                  .toList();
          model.removeIf(m -> m.due <= time);
          assertThat(posted)
              .as("seed %d, round %d", seed, round)
              .extracting(Posted::commandId)
              .isEqualTo(expected);
        }
      }
    }
  }
}
