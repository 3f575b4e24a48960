package sluice.queues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.vfio.OffHeap;

class MpscRingTest {
  @Test
  void handsOverInTheOrderOfClaims() {
    MpscRing ring = new MpscRing(4, 8);
    assertThat(ring.capacity()).isEqualTo(4);
    assertThat(ring.peek()).isZero();
    long first = ring.claim();
    long second = ring.claim();
    assertThat(second).isNotEqualTo(first);
    OffHeap.putLong(second, 2);
    ring.publish(second);
    assertThat(ring.peek()).as("the first is still being filled").isZero();
    OffHeap.putLong(first, 1);
    ring.publish(first);
    assertThat(ring.peek()).isEqualTo(first);
    assertThat(ring.peek()).isEqualTo(first);
    ring.release();
    assertThat(ring.peek()).isEqualTo(second);
    ring.release();
    assertThat(ring.peek()).isZero();
  }

  @Test
  void everyPlaceCanBeClaimed() {
    MpscRing ring = new MpscRing(2, 16);
    long first = ring.claim();
    long second = ring.claim();
    assertThat(ring.claim()).as("full, though nothing is published").isZero();
    ring.publish(first);
    ring.publish(second);
    assertThat(ring.claim()).as("full").isZero();
    ring.peek();
    ring.release();
    assertThat(ring.claim()).isEqualTo(first);
    assertThat(ring.claim()).isZero();
  }

  @Test
  void releasingWhatIsNotThereIsAFaultOfOurs() {
    MpscRing ring = new MpscRing(2, 8);
    ring.claim();
    assertThatThrownBy(ring::release)
        .isInstanceOf(AssertionError.class)
        .hasMessage("released what was not shown");
  }

  @Test
  void refusesSizesThatCannotBe() {
    assertThatThrownBy(() -> new MpscRing(1, 8)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new MpscRing(3, 8)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new MpscRing(2, 4)).isInstanceOf(IllegalArgumentException.class);
  }

  /**
   * Claims of several producers are published in any order; the consumer sees that of the claims.
   */
  @ParameterizedTest
  @ValueSource(ints = {2, 4, 64, 1024})
  void agreesWithAModel(int capacity) {
    SplittableRandom random = new SplittableRandom(capacity);
    MpscRing ring = new MpscRing(capacity, 8);
    List<Long> inRing = new ArrayList<>();
    List<Long> filling = new ArrayList<>();
    for (int step = 0; step < 100_000; step++) {
      String where = "seed " + capacity + ", step " + step;
      switch (random.nextInt(3)) {
        case 0 -> {
          long record = ring.claim();
          assertThat(record == 0).as(where).isEqualTo(inRing.size() == capacity);
          if (record != 0) {
            assertThat(inRing).as(where).doesNotContain(record);
            inRing.add(record);
            filling.add(record);
          }
        }
        case 1 -> {
          if (!filling.isEmpty()) {
            ring.publish(filling.remove(/* index */ random.nextInt(filling.size())));
          }
        }
        default -> {
          boolean ready = !inRing.isEmpty() && !filling.contains(inRing.getFirst());
          assertThat(ring.peek()).as(where).isEqualTo(ready ? inRing.getFirst() : 0);
          if (ready) {
            ring.release();
            inRing.removeFirst();
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"2, 2, 100000, 51", "8, 3, 200000, 52", "1024, 4, 300000, 53"})
  void betweenThreadsNothingIsLostTornOrTwice(int capacity, int producers, long each, long seed)
      throws Exception {
    MpscRing ring = new MpscRing(capacity, 32);
    Deadline deadline = new Deadline();
    List<Thread> threads = new ArrayList<>();
    List<CompletableFuture<Void>> results = new ArrayList<>();
    for (int p = 0; p < producers; p++) {
      long producer = p;
      CompletableFuture<Void> result = new CompletableFuture<>();
      results.add(result);
      Thread thread =
          new Thread(() -> {
            try {
              produce(ring, deadline, producer, each, seed);
              result.complete(null);
            } catch (Throwable t) {
              result.completeExceptionally(t);
            }
          });
      threads.add(thread);
      thread.start();
    }
    long[] next = new long[producers];
    for (long i = 0; i < producers * each; i++) {
      long record = ring.peek();
      while (record == 0) {
        deadline.pause();
        record = ring.peek();
      }
      int producer = (int) OffHeap.getLong(record);
      long number = OffHeap.getLong(record + 8);
      if (number != next[producer]++
          || OffHeap.getLong(record + 16) != number * seed + producer
          || OffHeap.getLong(record + 24) != ~number) {
        throw new AssertionError(
            "seed "
                + seed
                + ": record "
                + number
                + " of producer "
                + producer
                + ", torn or out of order");
      }
      ring.release();
    }
    for (CompletableFuture<Void> result : results) {
      result.get(10, TimeUnit.SECONDS);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(next).containsOnly(each);
    assertThat(ring.peek()).isZero();
  }

  private static void produce(
      MpscRing ring, Deadline deadline, long producer, long each, long seed) {
    for (long number = 0; number < each; number++) {
      long record = ring.claim();
      while (record == 0) {
        deadline.pause();
        record = ring.claim();
      }
      OffHeap.putLong(record, producer);
      OffHeap.putLong(record + 8, number);
      OffHeap.putLong(record + 16, number * seed + producer);
      OffHeap.putLong(record + 24, ~number);
      ring.publish(record);
    }
  }
}
