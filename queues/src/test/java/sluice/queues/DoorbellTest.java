package sluice.queues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.support.memory.OffHeap;

class DoorbellTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0x1000, 0x1004",
    "1, 0, 0x1008, 0x100c",
    "2, 0, 0x1010, 0x1014",
    "65535, 0, 0x80ff8, 0x80ffc",
    "0, 1, 0x1000, 0x1008",
    "1, 1, 0x1010, 0x1018",
    "1, 2, 0x1020, 0x1030",
    "3, 4, 0x1180, 0x11c0",
    "1, 10, 0x3000, 0x4000",
    "0, 15, 0x1000, 0x21000",
    "1, 15, 0x41000, 0x61000",
    "65535, 15, 0x3fffc1000, 0x3fffe1000",
  })
  void liesWhereTheSpecificationSays(int queue, int stride, String submission, String completion) {
    FakeBar bar = new FakeBar(1L << 40, false);
    Doorbell.ofSubmissionQueue(bar, queue, stride).ring(3);
    Doorbell.ofCompletionQueue(bar, queue, stride).ring(4);
    assertThat(bar.writes)
        .containsExactly(
            new FakeBar.Write(Long.decode(submission), 3),
            new FakeBar.Write(Long.decode(completion), 4));
  }

  @Test
  void aMappedDoorbellIsStoredInPlaceAndAlone() {
    FakeBar bar = new FakeBar(0x2000, true);
    for (int i = 0; i < 0x2000; i += 4) {
      bar.write32(i, -1);
    }
    bar.writes.clear();
    Doorbell.ofCompletionQueue(bar, 2, 1).ring(0x1234);
    assertThat(bar.writes).isEmpty();
    for (int i = 0; i < 0x2000; i += 4) {
      assertThat(bar.read32(i)).isEqualTo(i == 0x1028 ? 0x1234 : -1);
    }
  }

  @Test
  void hasToLieInTheBar() {
    FakeBar bar = new FakeBar(0x100c, false);
    Doorbell.ofSubmissionQueue(bar, 1, 0).ring(1);
    assertThatThrownBy(() -> Doorbell.ofCompletionQueue(bar, 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("doorbell 3 (stride 0) lies behind the BAR's 4108 bytes");
    assertThatThrownBy(() -> Doorbell.ofSubmissionQueue(bar, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesQueuesAndStridesThatCannotBe() {
    FakeBar bar = new FakeBar(1L << 40, false);
    assertThatThrownBy(() -> Doorbell.ofSubmissionQueue(bar, -1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a queue's id is 0 to 65535, not -1");
    assertThatThrownBy(() -> Doorbell.ofCompletionQueue(bar, 65536, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Doorbell.ofSubmissionQueue(bar, 1, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a doorbell stride is 0 to 15, not -1");
    assertThatThrownBy(() -> Doorbell.ofSubmissionQueue(bar, 1, 16))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Counts up from old to value, modulo 2^16, and says whether a step left the event index. */
  private static boolean leavesEventIndex(int eventIndex, int old, int value) {
    for (int at = old; at != value; at = (at + 1) & 0xffff) {
      if (at == eventIndex) {
        return true;
      }
    }
    return false;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 40, 0x7ff0, 0x8000, 0xffd0, 0xffff})
  void crossesExactlyWhenCountingLeavesTheEventIndex(int around) {
    int window = 24;
    for (int o = -window; o <= window; o++) {
      int old = (around + o) & 0xffff;
      for (int steps = 0; steps <= window; steps++) {
        int value = (old + steps) & 0xffff;
        for (int e = -2 * window; e <= 2 * window; e++) {
          int eventIndex = (around + e) & 0xffff;
          if (Doorbell.crosses(eventIndex, old, value)
              != leavesEventIndex(eventIndex, old, value)) {
            throw new AssertionError(eventIndex + ": from " + old + " to " + value);
          }
        }
      }
    }
  }

  @Test
  void crossesAsCountedForAnyValues() {
    SplittableRandom random = new SplittableRandom(99);
    for (int i = 0; i < 3000; i++) {
      int eventIndex = random.nextInt(65536);
      int old = random.nextInt(65536);
      int value = random.nextInt(65536);
      assertThat(Doorbell.crosses(eventIndex, old, value))
          .as("seed 99: %d: from %d to %d", eventIndex, old, value)
          .isEqualTo(leavesEventIndex(eventIndex, old, value));
    }
  }

  @Test
  void aShadowDoorbellWritesTheRegisterOnlyWhenAsked() {
    FakeBar bar = new FakeBar(0x2000, false);
    MemorySegment shadows = Arena.global().allocate(16, 8);
    long shadow = shadows.address();
    long eventIndex = shadows.address() + 8;
    Doorbell doorbell = Doorbell.ofSubmissionQueue(bar, 1, 0);
    doorbell.useShadow(shadow, eventIndex);

    doorbell.ring(1);
    assertThat(OffHeap.getInt(shadow)).isEqualTo(1);
    assertThat(bar.writes).as("it had asked at 0").containsExactly(new FakeBar.Write(0x1008, 1));
    bar.writes.clear();
    doorbell.ring(5);
    assertThat(OffHeap.getInt(shadow)).isEqualTo(5);
    assertThat(bar.writes).as("it is awake and looks for itself").isEmpty();
    OffHeap.putInt(eventIndex, 5);
    doorbell.ring(6);
    assertThat(bar.writes).containsExactly(new FakeBar.Write(0x1008, 6));
    assertThat(OffHeap.getInt(shadow + 4)).as("the word behind").isZero();
    assertThat(OffHeap.getInt(eventIndex)).as("the device's own").isEqualTo(5);
  }

  @Test
  void aShadowOfAMappedDoorbellLeavesTheRegisterAlone() {
    FakeBar bar = new FakeBar(0x2000, true);
    MemorySegment shadows = Arena.global().allocate(16, 8);
    Doorbell doorbell = Doorbell.ofSubmissionQueue(bar, 1, 0);
    doorbell.ring(3);
    OffHeap.putInt(shadows.address(), 3);
    OffHeap.putInt(shadows.address() + 8, 9);
    doorbell.useShadow(shadows.address(), shadows.address() + 8);
    doorbell.ring(7);
    assertThat(bar.read32(0x1008)).isEqualTo(3);
    doorbell.ring(10);
    assertThat(bar.read32(0x1008)).isEqualTo(10);
  }

  /**
   * A ring of each size with a device that sleeps at some of its heads: each time it has asked to
   * be told at the value where it stands, the next ring tells it.
   */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 64, 1000, 65536})
  void aSleepingDeviceIsAlwaysWoken(int entries) {
    long seed = 3000L + entries;
    SplittableRandom random = new SplittableRandom(seed);
    FakeBar bar = new FakeBar(0x2000, false);
    MemorySegment shadows = Arena.global().allocate(16, 8);
    Doorbell doorbell = Doorbell.ofSubmissionQueue(bar, 1, 0);
    doorbell.useShadow(shadows.address(), shadows.address() + 8);
    int tail = 0;
    int deviceHead = 0;
    boolean asleep = true;
    int woken = 0;
    for (int step = 0; step < 20_000; step++) {
      int room = Math.floorMod(deviceHead - tail - 1, entries);
      if (room > 0) {
        bar.writes.clear();
        tail =
            (tail + 1 + random.nextInt(random.nextBoolean() ? Math.min(room, 4) : room)) % entries;
        doorbell.ring(tail);
        if (asleep) {
          assertThat(bar.writes)
              .as("seed %d, step %d", seed, step)
              .containsExactly(new FakeBar.Write(0x1008, tail));
          asleep = false;
          woken++;
        }
      }
      // The device works off some, and sleeps when there is nothing left.
      int waiting = Math.floorMod(OffHeap.getInt(shadows.address()) - deviceHead, entries);
      deviceHead = (deviceHead + random.nextInt(waiting + 1)) % entries;
      if (deviceHead == tail) {
        OffHeap.putInt(shadows.address() + 8, deviceHead);
        asleep = true;
      }
    }
    assertThat(woken).isPositive();
  }
}
