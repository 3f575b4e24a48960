package sluice.queues;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/** What is called for every command and every completion takes nothing from the heap. */
class HotPathAllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private interface Hot {
    void call(int i);
  }

  private static void allocatesNothing(Hot hot) {
    // The JVM links and customizes a handle during its first calls, which does allocate, once. What
    // a call itself takes, it takes in every round.
    int call = 0;
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 10; round++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 5_000; i++) {
        hot.call(call++);
      }
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(least).as("bytes allocated by 5,000 calls").isZero();
  }

  private final FakeDmaSpace space = new FakeDmaSpace(0x10_0000);
  private final FakeBar bar = new FakeBar(0x2000, true);

  @Test
  void submissionAndItsPrps() {
    SubmissionQueue queue =
        new SubmissionQueue(1, space.allocate(64 * 64), 64, Doorbell.ofSubmissionQueue(bar, 1, 0));
    PrpLists lists = new PrpLists(space, 63, 4 << 20, 4096);
    CommandSlots slots = new CommandSlots(63);
    DmaMemory data = new DmaMemory(OffHeap.segment(0x1000, 8 << 20), 0x70_0000);
    allocatesNothing(i -> {
      int slot = slots.acquire();
      long entry = queue.claim();
      SubmissionEntry.begin(entry, 1, slots.identifier(slot), 1);
      lists.describe(entry, slot, data, 512, (i & 7) == 0 ? 4 << 20 : 4096L << (i & 7));
      SubmissionEntry.cdw10And11(entry, i);
      SubmissionEntry.cdw(entry, 12, 7);
      queue.post();
      queue.ring();
      queue.completed();
      assert slots.slotOf(SubmissionEntry.commandId(entry)) == slot && queue.free() == 63;
      slots.release(slot);
    });
  }

  @Test
  void completions() {
    DmaMemory memory = space.allocate(16 * 64);
    CompletionQueue queue =
        new CompletionQueue(1, memory, 64, Doorbell.ofCompletionQueue(bar, 1, 0));
    allocatesNothing(i -> {
      CompletionEntry.writeRelease(
          memory.address() + (i & 63) * 16L, i, 0, 1, i & 63, 0, 1 - (i >>> 6 & 1));
      long entry = queue.peek();
      assert CompletionEntry.result(entry) == i
          && CompletionEntry.commandId(entry) == (i & 63)
          && CompletionEntry.status(entry) == 0
          && CompletionEntry.submissionQueueHead(entry) == 0
          && CompletionEntry.submissionQueueId(entry) == 1;
      queue.pop();
      queue.ring();
    });
  }

  @Test
  void shadowDoorbells() {
    Doorbell doorbell = Doorbell.ofSubmissionQueue(bar, 1, 0);
    long words = space.allocate(8192).address();
    doorbell.useShadow(words, words + 4096);
    allocatesNothing(i -> {
      OffHeap.putInt(words + 4096, i & 0xffff & ~1);
      doorbell.ring((i + 1) & 0xffff);
    });
  }

  @Test
  void everyAccessor() {
    long at = Arena.global().allocate(64, 64).address();
    allocatesNothing(i -> {
      OffHeap.putByte(at, OffHeap.getByte(at + 1));
      OffHeap.putShort(at, OffHeap.getShort(at + 2));
      OffHeap.putInt(at, OffHeap.getInt(at + 4));
      OffHeap.putIntRelease(at, OffHeap.getIntAcquire(at + 4));
      OffHeap.putInt(at, OffHeap.getIntOpaque(at + 4));
      OffHeap.putLong(at, OffHeap.getLong(at + 8));
      OffHeap.putLong(at, OffHeap.getLongOpaque(at + 8));
      OffHeap.copy(at, at + 32, 32);
    });
  }
}
