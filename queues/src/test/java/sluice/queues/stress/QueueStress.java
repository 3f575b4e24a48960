package sluice.queues.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import sluice.queues.CompletionEntry;
import sluice.queues.CompletionQueue;
import sluice.queues.Doorbell;
import sluice.queues.SubmissionEntry;
import sluice.queues.SubmissionQueue;
import sluice.support.memory.OffHeap;
import sluice.vfio.Bar;
import sluice.vfio.DmaMemory;

/** The NVMe queues between their owner and a device that is another thread. */
public class QueueStress {
  private static final long MEMORY = 512;
  private static final long DOORBELL = 256;

  private static final Reused<MemorySegment> MEMORIES =
      new Reused<>(() -> Arena.global().allocate(MEMORY, 64));

  private static MemorySegment memory() {
    return MEMORIES.of(MEMORIES.turn()).fill((byte) 0);
  }

  private QueueStress() {}

  /** A BAR whose every register is one word of memory, mapped or not. */
  private record OneWordBar(MemorySegment word, boolean mapped) implements Bar {
    @Override
    public long size() {
      return 0x2000;
    }

    @Override
    public int read32(long offset) {
      return OffHeap.getInt(word.address());
    }

    @Override
    public void write32(long offset, int value) {
      OffHeap.putInt(word.address(), value);
    }

    @Override
    public Optional<MemorySegment> mapping(long offset, long length) {
      return mapped ? Optional.of(word) : Optional.empty();
    }
  }

  /** A device that reads the doorbell finds the command. */
  @JCStressTest
  @State
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Not rung yet.")
  @Outcome(id = "1, 77", expect = ACCEPTABLE, desc = "Rung, and the command is there.")
  @Outcome(expect = FORBIDDEN, desc = "Rung before the command was there.")
  public static class EntryBeforeDoorbell {
    private final MemorySegment memory = memory();
    private final SubmissionQueue queue = queue(memory, true);

    static SubmissionQueue queue(MemorySegment memory, boolean mapped) {
      Bar bar = new OneWordBar(memory.asSlice(DOORBELL, 4), mapped);
      return new SubmissionQueue(
          1, new DmaMemory(memory, 0), 2, Doorbell.ofSubmissionQueue(bar, 1, 0));
    }

    @Actor
    public void owner() {
      SubmissionEntry.begin(queue.claim(), 2, 1, 77);
      queue.post();
      queue.ring();
    }

    @Actor
    public void device(II_Result r) {
      r.r1 = OffHeap.getIntAcquire(memory.address() + DOORBELL);
      r.r2 = r.r1 == 0 ? 0 : SubmissionEntry.nsid(memory.address());
    }
  }

  /** The same through a BAR that is not mapped and that gives no ordering of its own. */
  @JCStressTest
  @State
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Not rung yet.")
  @Outcome(id = "1, 77", expect = ACCEPTABLE, desc = "Rung, and the command is there.")
  @Outcome(expect = FORBIDDEN, desc = "Rung before the command was there.")
  public static class EntryBeforeUnmappedDoorbell {
    private final MemorySegment memory = memory();
    private final SubmissionQueue queue = EntryBeforeDoorbell.queue(memory, false);

    @Actor
    public void owner() {
      SubmissionEntry.begin(queue.claim(), 2, 1, 77);
      queue.post();
      queue.ring();
    }

    @Actor
    public void device(II_Result r) {
      r.r1 = OffHeap.getIntAcquire(memory.address() + DOORBELL);
      r.r2 = r.r1 == 0 ? 0 : SubmissionEntry.nsid(memory.address());
    }
  }

  /** A completion that is seen is whole. */
  @JCStressTest
  @State
  @Outcome(id = "-1, -1", expect = ACCEPTABLE, desc = "Not completed yet.")
  @Outcome(id = "55, 66", expect = ACCEPTABLE, desc = "The whole completion.")
  @Outcome(expect = FORBIDDEN, desc = "A half-written completion was seen.")
  public static class CompletionIsWhole {
    private final MemorySegment memory = memory();
    private final CompletionQueue queue =
        new CompletionQueue(
            1,
            new DmaMemory(memory, 0),
            2,
            Doorbell.ofCompletionQueue(new OneWordBar(memory.asSlice(DOORBELL, 4), true), 1, 0));

    @Actor
    public void device() {
      CompletionEntry.writeRelease(memory.address(), 55, 66, 1, 3, 0, 1);
    }

    @Actor
    public void owner(II_Result r) {
      long entry = queue.peek();
      r.r1 = entry == 0 ? -1 : CompletionEntry.result(entry);
      r.r2 = entry == 0 ? -1 : CompletionEntry.submissionQueueHead(entry);
    }
  }

  /** A device that goes to sleep looks at the shadow once more, or is woken by the register. */
  @JCStressTest
  @State
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "Woken by the register.")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "Seen in the shadow.")
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Both.")
  @Outcome(id = "0, 0", expect = FORBIDDEN, desc = "The device sleeps on a command.")
  @Outcome(expect = FORBIDDEN, desc = "Values that nobody wrote.")
  public static class ShadowDoorbellWakes {
    private final MemorySegment memory = memory();
    private final long shadow = memory.address();
    private final long eventIndex = memory.address() + 128;
    private final long register = memory.address() + DOORBELL;
    private final Doorbell doorbell =
        Doorbell.ofSubmissionQueue(new OneWordBar(memory.asSlice(DOORBELL, 4), true), 1, 0);

    public ShadowDoorbellWakes() {
      // Awake: it has asked for nothing near.
      OffHeap.putInt(eventIndex, 0x8000);
      doorbell.useShadow(shadow, eventIndex);
    }

    @Actor
    public void owner(II_Result r) {
      doorbell.ring(1);
      r.r1 = OffHeap.getInt(register);
    }

    @Actor
    public void device(II_Result r) {
      OffHeap.putInt(eventIndex, 0);
      VarHandle.fullFence();
      r.r2 = OffHeap.getInt(shadow);
    }
  }
}
