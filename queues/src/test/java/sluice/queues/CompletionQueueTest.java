package sluice.queues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

class CompletionQueueTest {
  private static final long DOORBELL = 0x1000 + 3 * 4;

  private final FakeBar bar = new FakeBar(0x2000, true);

  private CompletionQueue queue(DmaMemory memory, int entries) {
    return new CompletionQueue(1, memory, entries, Doorbell.ofCompletionQueue(bar, 1, 0));
  }

  private static DmaMemory memory(int entries) {
    return new FakeDmaSpace(0x40_0000).allocate(entries * 16L);
  }

  /** The device's side: writes completion number n. */
  private static void complete(DmaMemory memory, int entries, long n) {
    long entry = memory.address() + n % entries * 16;
    int phase = (int) (1 - n / entries % 2);
    CompletionEntry.writeRelease(entry, (int) n, 0, 1, (int) (n & 0xffff), 0, phase);
  }

  @Test
  void knowsWhatItIs() {
    CompletionQueue queue = queue(memory(64), 64);
    assertThat(queue.id()).isEqualTo(1);
    assertThat(queue.entries()).isEqualTo(64);
    assertThat(queue.iova()).isEqualTo(0x40_0000);
    assertThat(queue.peek()).isZero();
  }

  @Test
  void anOldPhaseTagIsNoCompletion() {
    DmaMemory memory = memory(64);
    memory.segment().fill((byte) 0xff);
    assertThat(queue(memory, 63).peek()).isZero();
    assertThat(OffHeap.getLong(memory.address() + 63 * 16 - 8)).isZero();
    assertThat(OffHeap.getLong(memory.address() + 63 * 16)).as("not its own").isEqualTo(-1);
  }

  @Test
  void showsTheSameUntilPopped() {
    DmaMemory memory = memory(4);
    CompletionQueue queue = queue(memory, 4);
    complete(memory, 4, 0);
    complete(memory, 4, 1);
    assertThat(queue.peek()).isEqualTo(memory.address());
    assertThat(queue.peek()).isEqualTo(memory.address());
    queue.pop();
    assertThat(queue.peek()).isEqualTo(memory.address() + 16);
    queue.pop();
    assertThat(queue.peek()).isZero();
  }

  @Test
  void aBatchRingsOnce() {
    FakeBar counting = new FakeBar(0x2000, false);
    DmaMemory memory = memory(16);
    CompletionQueue queue =
        new CompletionQueue(1, memory, 16, Doorbell.ofCompletionQueue(counting, 1, 0));
    queue.ring();
    assertThat(counting.writes).as("nothing to give back").isEmpty();
    for (int i = 0; i < 5; i++) {
      complete(memory, 16, i);
      assertThat(queue.peek()).isNotZero();
      queue.pop();
    }
    assertThat(counting.writes).as("popping is not ringing").isEmpty();
    queue.ring();
    queue.ring();
    assertThat(counting.writes).containsExactly(new FakeBar.Write(DOORBELL, 5));
  }

  @Test
  void refusesSizesThatCannotBe() {
    DmaMemory memory = memory(256);
    assertThatThrownBy(() -> queue(memory, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> queue(memory, 65537)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> queue(memory, 257))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("257 entries need 4112 bytes, but the memory has 4096");
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 64, 1000, 65536})
  void wrapsAroundManyTimes(int entries) {
    long seed = 2000L + entries;
    SplittableRandom random = new SplittableRandom(seed);
    DmaMemory memory = memory(entries);
    CompletionQueue queue = queue(memory, entries);
    long completed = 0;
    long popped = 0;
    long rung = 0;
    long laps = entries > 1000 ? 8 : 200;
    while (rung < laps * entries) {
      String where = "seed " + seed + ", completed " + completed;
      switch (random.nextInt(3)) {
        case 0 -> {
          // The device leaves one entry empty, as we leave one in the submission queue.
          for (long n = random.nextLong(entries - (completed - rung)); n > 0; n--) {
            complete(memory, entries, completed++);
          }
        }
        case 1 -> {
          for (int n = random.nextInt(entries + 1); n > 0; n--) {
            long entry = queue.peek();
            if (popped == completed) {
              assertThat(entry).as(where).isZero();
              break;
            }
            if (entry != memory.address() + popped % entries * 16
                || CompletionEntry.result(entry) != (int) popped) {
              throw new AssertionError(where + ": not the completion number " + popped);
            }
            queue.pop();
            popped++;
          }
        }
        default -> {
          queue.ring();
          rung = popped;
          assertThat(bar.read32(DOORBELL)).as(where).isEqualTo((int) (rung % entries));
        }
      }
    }
  }
}
