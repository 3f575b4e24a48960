package sluice.recorder.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

class StreamRingTest {
  private static final int SLOT = 4096;

  private static StreamRing ring(int slotBytes, int slotCount) {
    MemorySegment segment = Arena.ofAuto().allocate((long) slotBytes * slotCount, 4096);
    return new StreamRing(new DmaMemory(segment, 0x10000), slotBytes, slotCount);
  }

  @Test
  void handsSlotsOverInOrder() {
    StreamRing ring = ring(SLOT, 3);
    long first = ring.claim();
    assertThat(first).isEqualTo(ring.memory().address());
    assertThat(ring.claim()).as("the same slot until it is committed").isEqualTo(first);
    OffHeap.putLong(first, 0x1122334455667788L);
    ring.commit(8, 1000);
    assertThat(ring.claimSegment().address()).isEqualTo(first + SLOT);
    ring.commit(SLOT, 2000);

    assertThat(ring.committed()).isEqualTo(2);
    assertThat(ring.address(0)).isEqualTo(first);
    assertThat(OffHeap.getLong(ring.address(0))).isEqualTo(0x1122334455667788L);
    assertThat(ring.length(0)).isEqualTo(8);
    assertThat(ring.time(0)).isEqualTo(1000);
    assertThat(ring.length(1)).isEqualTo(SLOT);
    assertThat(ring.time(1)).isEqualTo(2000);
    assertThat(ring.offset(1)).isEqualTo(SLOT);
    assertThat(ring.buffer(1).capacity()).isEqualTo(SLOT);
    assertThat(ring.committedBytes()).isEqualTo(SLOT + 8);
  }

  @Test
  void isFullUntilASlotIsReleased() {
    StreamRing ring = ring(SLOT, 2);
    long first = ring.claim();
    ring.commit(1, 0);
    ring.claim();
    ring.commit(1, 0);
    assertThat(ring.claim()).isZero();
    assertThat(ring.claimSegment()).isNull();
    assertThatThrownBy(() -> ring.commit(1, 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("nothing is claimed: the ring is full");
    ring.release(1);
    assertThat(ring.claim()).isEqualTo(first);
  }

  @Test
  void attachesALossToTheNextCommitOrToTheEnd() {
    StreamRing ring = ring(SLOT, 4);
    ring.claim();
    ring.commit(10, 0);
    ring.lost(100, 7, false);
    ring.lost(0, 8, false);
    ring.lost(23, 9, false);
    ring.claim();
    ring.commit(10, 10);
    ring.claim();
    ring.commit(10, 11);
    ring.lost(5, 12, false);
    assertThat(ring.endPosition()).isEqualTo(-1);
    ring.end();

    assertThat(ring.gapBefore(0)).isZero();
    assertThat(ring.gapBefore(1)).isEqualTo(123);
    assertThat(ring.gapTime(1)).isEqualTo(7);
    assertThat(ring.gapBefore(2)).isZero();
    assertThat(ring.endPosition()).isEqualTo(3);
    assertThat(ring.finalGap()).isEqualTo(5);
    assertThat(ring.finalGapTime()).isEqualTo(12);
    assertThat(ring.lostBytes()).isEqualTo(128);
    assertThatThrownBy(() -> ring.commit(1, 0)).hasMessage("the stream has ended");
    assertThatThrownBy(() -> ring.lost(1, 0, false)).hasMessage("the stream has ended");
  }

  @Test
  void tellsFillAndHighWater() {
    StreamRing ring = ring(SLOT, 4);
    for (int i = 0; i < 3; i++) {
      ring.claim();
      ring.commit(1, 0);
    }
    assertThat(ring.fillBytes()).isEqualTo(3 * SLOT);
    assertThat(ring.highWaterBytes()).as("before any release").isEqualTo(3 * SLOT);
    ring.release(3);
    ring.claim();
    ring.commit(1, 0);
    assertThat(ring.fillBytes()).isEqualTo(SLOT);
    assertThat(ring.highWaterBytes()).isEqualTo(3 * SLOT);
    assertThat(ring.capacityBytes()).isEqualTo(4 * SLOT);
  }

  @Test
  void tellsTheProducerToStop() {
    StreamRing ring = ring(SLOT, 2);
    assertThat(ring.isStopped()).isFalse();
    ring.stop();
    assertThat(ring.isStopped()).isTrue();
  }

  @Test
  void refusesWrongReleasesAndLengths() {
    StreamRing ring = ring(SLOT, 2);
    ring.claim();
    ring.commit(1, 0);
    assertThatThrownBy(() -> ring.release(2)).hasMessage("cannot release up to 2: 0 to 1 are held");
    ring.release(1);
    assertThatThrownBy(() -> ring.release(0)).hasMessage("cannot release up to 0: 1 to 1 are held");
    assertThatThrownBy(() -> ring.commit(0, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ring.commit(SLOT + 1, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ring.lost(-1, 0, false)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({"0,4", "4095,4", "6000,4", "-4096,4", "4096,1", "1073745920,2"})
  void refusesWrongSizes(int slotBytes, int slotCount) {
    DmaMemory memory = new DmaMemory(Arena.ofAuto().allocate(16384, 4096), 0x10000);
    assertThatThrownBy(() -> new StreamRing(memory, slotBytes, slotCount))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesTooLittleMemory() {
    DmaMemory memory = new DmaMemory(Arena.ofAuto().allocate(16384, 4096), 0x10000);
    assertThatThrownBy(() -> new StreamRing(memory, 4096, 5))
        .hasMessage("a ring of 5 slots of 4096 bytes needs 20480 bytes of memory, not 16384");
  }

  /**
   * Two threads at full speed: every slot carries its position in each word, and its length, time
   * and gap are functions of it. A slot that is seen too early or reused too early breaks one.
   */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 7, 64})
  void keepsItsOrderBetweenThreads(int slotCount) throws Exception {
    long seed = 0x5eed0000L + slotCount;
    int slots = 2_000 * slotCount;
    StreamRing ring = ring(SLOT, slotCount);
    Thread producer =
        Thread.ofPlatform()
            .start(() -> {
              SplittableRandom random = new SplittableRandom(seed);
              for (long i = 0; i < slots; i++) {
                int length = 8 * random.nextInt(1, 33);
                long gap = random.nextInt(4) == 0 ? random.nextInt(1, 1000) : 0;
                long slot;
                while ((slot = ring.claim()) == 0) {
                  Thread.onSpinWait();
                }
                for (int k = 0; k < length; k += 8) {
                  OffHeap.putLong(slot + k, i * 1000 + k);
                }
                ring.lost(gap, -i, false);
                ring.commit(length, i);
              }
              ring.end();
            });
    SplittableRandom random = new SplittableRandom(seed);
    SplittableRandom pace = new SplittableRandom(~seed);
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    long position = 0;
    while (position != ring.endPosition()) {
      assertThat(System.nanoTime()).as("seed %d at %d", seed, position).isLessThan(deadline);
      long committed = ring.committed();
      for (; position < committed; position++) {
        int length = 8 * random.nextInt(1, 33);
        long gap = random.nextInt(4) == 0 ? random.nextInt(1, 1000) : 0;
        boolean right =
            ring.length(position) == length
                && ring.time(position) == position
                && ring.gapBefore(position) == gap
                && (gap == 0 || ring.gapTime(position) == -position);
        long slot = ring.address(position);
        for (int k = 0; k < length; k += 8) {
          right &= OffHeap.getLong(slot + k) == position * 1000 + k;
        }
        if (!right) {
          throw new AssertionError("seed " + seed + ": slot " + position + " is wrong");
        }
        if (pace.nextInt(8) == 0) {
          ring.release(position + 1);
        }
      }
      ring.release(position);
      Thread.yield();
    }
    producer.join(10_000);
    assertThat(position).isEqualTo(slots);
    assertThat(ring.fillBytes()).isZero();
    assertThat(ring.highWaterBytes()).isBetween((long) SLOT, ring.capacityBytes());
  }

  @Test
  void aSecondProducerIsRefused() {
    StreamRing ring = ring(SLOT, 2);
    ring.claim();
    assertThat(CompletableFuture.supplyAsync(ring::claim))
        .failsWithin(20, TimeUnit.SECONDS)
        .withThrowableThat()
        .withMessageContaining("another producer");
  }

  @Test
  void aProducerThatGoesOnAfterTheEndGetsNoMemory() {
    StreamRing ring = ring(SLOT, 2);
    ring.claim();
    ring.close();
    assertThatThrownBy(ring::claim)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(ring::claimSegment).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ring.commit(1, 0)).isInstanceOf(IllegalStateException.class);
  }
}
