package sluice.queues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.vfio.OffHeap;

class SpscRingTest {
  private static void put(SpscRing ring, long value) {
    long record = ring.claim();
    assertThat(record).isNotZero();
    OffHeap.putLong(record, value);
    ring.publish();
  }

  private static long take(SpscRing ring) {
    long record = ring.peek();
    assertThat(record).isNotZero();
    long value = OffHeap.getLong(record);
    ring.release();
    return value;
  }

  @Test
  void handsOverInOrder() {
    SpscRing ring = new SpscRing(4, 8);
    assertThat(ring.capacity()).isEqualTo(4);
    assertThat(ring.peek()).isZero();
    put(ring, 1);
    put(ring, 2);
    assertThat(ring.size()).isEqualTo(2);
    assertThat(take(ring)).isEqualTo(1);
    put(ring, 3);
    assertThat(take(ring)).isEqualTo(2);
    assertThat(take(ring)).isEqualTo(3);
    assertThat(ring.peek()).isZero();
    assertThat(ring.size()).isZero();
  }

  @Test
  void everyPlaceCanBeFilled() {
    SpscRing ring = new SpscRing(4, 8);
    for (int i = 0; i < 4; i++) {
      put(ring, i);
    }
    assertThat(ring.claim()).as("full").isZero();
    assertThat(ring.size()).isEqualTo(4);
    assertThat(take(ring)).isZero();
    put(ring, 4);
    assertThat(ring.claim()).isZero();
  }

  @Test
  void whatIsNotPublishedIsNotSeen() {
    SpscRing ring = new SpscRing(2, 16);
    long record = ring.claim();
    assertThat(ring.claim()).as("the same until published").isEqualTo(record);
    OffHeap.putLong(record, 7);
    assertThat(ring.peek()).isZero();
    assertThat(ring.size()).isZero();
    ring.publish();
    assertThat(ring.peek()).isEqualTo(record);
    assertThat(ring.peek()).as("the same until released").isEqualTo(record);
  }

  @Test
  void recordsLieApart() {
    SpscRing ring = new SpscRing(8, 24);
    long first = ring.claim();
    for (int i = 0; i < 8; i++) {
      assertThat(ring.claim()).isEqualTo(first + i * 24L);
      ring.publish();
    }
  }

  @Test
  void misuseIsAFaultOfOurs() {
    SpscRing ring = new SpscRing(2, 8);
    assertThatThrownBy(ring::release)
        .isInstanceOf(AssertionError.class)
        .hasMessage("released what was not shown");
    put(ring, 1);
    put(ring, 2);
    assertThatThrownBy(ring::publish)
        .isInstanceOf(AssertionError.class)
        .hasMessage("published to a full ring");
  }

  @Test
  void refusesSizesThatCannotBe() {
    assertThatThrownBy(() -> new SpscRing(1, 8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a ring's capacity is a power of two from 2, not 1");
    assertThatThrownBy(() -> new SpscRing(6, 8)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SpscRing(-4, 8)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SpscRing(4, 12))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a record has a multiple of 8 bytes, not 12");
    assertThatThrownBy(() -> new SpscRing(4, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 64, 1024})
  void agreesWithAModel(int capacity) {
    SplittableRandom random = new SplittableRandom(capacity);
    SpscRing ring = new SpscRing(capacity, 8);
    ArrayDeque<Long> model = new ArrayDeque<>();
    for (int step = 0; step < 100_000; step++) {
      if (random.nextBoolean()) {
        long record = ring.claim();
        assertThat(record == 0)
            .as("seed %d, step %d", capacity, step)
            .isEqualTo(model.size() == capacity);
        if (record != 0) {
          OffHeap.putLong(record, step);
          ring.publish();
          model.add((long) step);
        }
      } else {
        long record = ring.peek();
        assertThat(record == 0).as("seed %d, step %d", capacity, step).isEqualTo(model.isEmpty());
        if (record != 0) {
          assertThat(OffHeap.getLong(record))
              .as("seed %d, step %d", capacity, step)
              .isEqualTo(model.remove());
          ring.release();
        }
      }
      assertThat(ring.size()).isEqualTo(model.size());
    }
  }

  @ParameterizedTest
  @CsvSource({"2, 300000, 41", "8, 1000000, 42", "1024, 3000000, 43"})
  void betweenTwoThreadsNothingIsLostTornOrTwice(int capacity, long count, long seed)
      throws Exception {
    SpscRing ring = new SpscRing(capacity, 32);
    Deadline deadline = new Deadline();
    CompletableFuture<Void> producer =
        CompletableFuture.runAsync(() -> {
          for (long i = 0; i < count; i++) {
            long record = ring.claim();
            while (record == 0) {
              deadline.pause();
              record = ring.claim();
            }
            long word = i * seed;
            for (int at = 0; at < 32; at += 8) {
              OffHeap.putLong(record + at, word + at);
            }
            ring.publish();
          }
        });
    for (long i = 0; i < count; i++) {
      long record = ring.peek();
      while (record == 0) {
        deadline.pause();
        record = ring.peek();
      }
      for (int at = 0; at < 32; at += 8) {
        if (OffHeap.getLong(record + at) != i * seed + at) {
          throw new AssertionError("seed " + seed + ": record " + i + " is not what was put in");
        }
      }
      int size = ring.size();
      if (size < 1 || size > capacity) {
        throw new AssertionError("a size of " + size);
      }
      ring.release();
    }
    producer.get(10, TimeUnit.SECONDS);
    assertThat(ring.peek()).isZero();
  }
}
