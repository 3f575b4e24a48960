package sluice.queues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

class SubmissionQueueTest {
  private static final long DOORBELL = 0x1000 + 8;

  private final FakeBar bar = new FakeBar(0x2000, true);

  private SubmissionQueue queue(DmaMemory memory, int entries) {
    return new SubmissionQueue(1, memory, entries, Doorbell.ofSubmissionQueue(bar, 1, 0));
  }

  private static DmaMemory memory(int entries) {
    return new FakeDmaSpace(0x40_0000).allocate(entries * 64L);
  }

  private static void post(SubmissionQueue queue, int nsid) {
    long entry = queue.claim();
    assertThat(entry).isNotZero();
    SubmissionEntry.begin(entry, 1, nsid & 0xffff, nsid);
    queue.post();
  }

  @Test
  void knowsWhatItIs() {
    SubmissionQueue queue = queue(memory(64), 64);
    assertThat(queue.id()).isEqualTo(1);
    assertThat(queue.entries()).isEqualTo(64);
    assertThat(queue.iova()).isEqualTo(0x40_0000);
    assertThat(queue.free()).isEqualTo(63);
  }

  @Test
  void claimingDoesNotTake() {
    DmaMemory memory = memory(4);
    SubmissionQueue queue = queue(memory, 4);
    assertThat(queue.claim()).isEqualTo(memory.address());
    assertThat(queue.claim()).isEqualTo(memory.address());
    queue.post();
    assertThat(queue.claim()).isEqualTo(memory.address() + 64);
    assertThat(queue.free()).isEqualTo(2);
  }

  @Test
  void oneEntryStaysEmpty() {
    SubmissionQueue queue = queue(memory(2), 2);
    post(queue, 7);
    assertThat(queue.free()).isZero();
    assertThat(queue.claim()).isZero();
    queue.ring();
    assertThat(queue.claim()).as("rung is not completed").isZero();
    queue.completed();
    assertThat(queue.free()).isEqualTo(1);
    post(queue, 8);
    queue.ring();
    assertThat(bar.read32(DOORBELL)).as("around the ring").isZero();
  }

  @Test
  void aRingIsInOnePiece() {
    DmaMemory whole = memory(128);
    long[] pages = {0x8000, 0x4000};
    DmaMemory scattered = DmaMemory.scattered(whole.segment(), pages, 12);
    assertThat(queue(scattered, 64).entries()).isEqualTo(64);
    assertThatThrownBy(() -> queue(scattered, 65))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("65 entries need 4160 bytes in one piece: without an IOMMU take fewer");
  }

  @Test
  void postingToAFullQueueIsAFaultOfOurs() {
    SubmissionQueue queue = queue(memory(2), 2);
    post(queue, 1);
    assertThatThrownBy(queue::post)
        .isInstanceOf(AssertionError.class)
        .hasMessage("posted to a full queue");
  }

  @Test
  void aBatchRingsOnce() {
    FakeBar counting = new FakeBar(0x2000, false);
    SubmissionQueue queue =
        new SubmissionQueue(1, memory(16), 16, Doorbell.ofSubmissionQueue(counting, 1, 0));
    queue.ring();
    assertThat(counting.writes).as("nothing to tell").isEmpty();
    for (int i = 0; i < 9; i++) {
      post(queue, i);
    }
    assertThat(counting.writes).as("posting is not ringing").isEmpty();
    queue.ring();
    queue.ring();
    assertThat(counting.writes).containsExactly(new FakeBar.Write(DOORBELL, 9));
  }

  @Test
  void aMappedDoorbellIsAStore() {
    SubmissionQueue queue = queue(memory(16), 16);
    post(queue, 1);
    post(queue, 2);
    queue.ring();
    assertThat(bar.read32(DOORBELL)).isEqualTo(2);
    assertThat(bar.writes).isEmpty();
  }

  @Test
  void itsMemoryIsZeroed() {
    DmaMemory memory = memory(64);
    memory.segment().fill((byte) 0xff);
    SubmissionQueue queue = queue(memory, 63);
    assertThat(OffHeap.getLong(queue.claim())).isZero();
    assertThat(OffHeap.getLong(memory.address() + 63 * 64 - 8)).isZero();
    assertThat(OffHeap.getLong(memory.address() + 63 * 64)).as("not its own").isEqualTo(-1);
  }

  @Test
  void refusesSizesThatCannotBe() {
    DmaMemory memory = memory(64);
    assertThatThrownBy(() -> queue(memory, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a queue has 2 to 65536 entries, not 1");
    assertThatThrownBy(() -> queue(memory, 65537)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> queue(memory, 65))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("65 entries need 4160 bytes, but the memory has 4096");
  }

  @Test
  void aCompletionWithoutACommandIsAFaultOfOurs() {
    SubmissionQueue queue = queue(memory(4), 4);
    assertThatThrownBy(queue::completed)
        .isInstanceOf(AssertionError.class)
        .hasMessage("nothing is out");
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 64, 1000, 65536})
  void wrapsAroundManyTimes(int entries) {
    long seed = 1000L + entries;
    SplittableRandom random = new SplittableRandom(seed);
    DmaMemory memory = memory(entries);
    SubmissionQueue queue = queue(memory, entries);
    long posted = 0;
    long rung = 0;
    long read = 0;
    long known = 0;
    long laps = entries > 1000 ? 8 : 200;
    while (read < laps * entries) {
      String where = "seed " + seed + ", posted " + posted;
      switch (random.nextInt(4)) {
        case 0 -> {
          for (int n = random.nextInt(entries + 2); n > 0; n--) {
            long entry = queue.claim();
            if (posted - known == entries - 1) {
              assertThat(entry).as(where).isZero();
              break;
            }
            assertThat(entry).isEqualTo(memory.address() + posted % entries * 64);
            SubmissionEntry.begin(entry, 2, (int) (posted & 0xffff), (int) posted);
            queue.post();
            posted++;
          }
        }
        case 1 -> {
          queue.ring();
          rung = posted;
          assertThat(bar.read32(DOORBELL)).as(where).isEqualTo((int) (rung % entries));
        }
        case 2 -> {
          // The device: fetches some of what it was told of.
          for (long n = random.nextLong(rung - read + 1); n > 0; n--) {
            long entry = memory.address() + read % entries * 64;
            if (SubmissionEntry.nsid(entry) != (int) read
                || SubmissionEntry.commandId(entry) != (read & 0xffff)) {
              throw new AssertionError(where + ": not the command posted as number " + read);
            }
            read++;
          }
        }
        default -> {
          // Some of what it has fetched completes; in which order does not matter.
          for (long n = random.nextLong(read - known + 1); n > 0; n--) {
            queue.completed();
            known++;
          }
        }
      }
      assertThat(queue.free()).as(where).isEqualTo(entries - 1 - (int) (posted - known));
    }
  }
}
