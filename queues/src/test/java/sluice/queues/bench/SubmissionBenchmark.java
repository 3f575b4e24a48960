package sluice.queues.bench;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import sluice.queues.PrpLists;
import sluice.queues.SubmissionEntry;
import sluice.queues.SubmissionQueue;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/** One command: filled, posted, told, and its data described. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgs = "--enable-native-access=ALL-UNNAMED")
public class SubmissionBenchmark {
  private static final int ENTRIES = 1024;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Device device = new Device();
  private final DmaMemory ring = device.allocate(ENTRIES * 64L);
  private final SubmissionQueue queue =
      new SubmissionQueue(1, ring, ENTRIES, device.submissionDoorbell());
  private final PrpLists lists = new PrpLists(device, ENTRIES - 1, 1 << 20, 4096);
  private final DmaMemory data = device.allocate(1 << 20);
  private final long scratch = device.allocate(64).address();

  private final MemorySegment segment = ring.segment();
  private final MemorySegment register = device.mapping(0x1008, 4).orElseThrow();
  private int tail;
  private long lba;

  private void fill(long entry) {
    SubmissionEntry.begin(entry, 1, tail, 1);
    SubmissionEntry.prps(entry, lba << 12, 0);
    SubmissionEntry.cdw10And11(entry, lba++);
    SubmissionEntry.cdw(entry, 12, 7);
  }

  private void next() {
    tail = (tail + 1) & (ENTRIES - 1);
  }

  /** Claim, fill, post, and the device's reading of it. */
  @Benchmark
  public void post() {
    fill(queue.claim());
    queue.post();
    next();
    // The doorbell is due before the device can be said to have read.
    if ((tail & 15) == 0) {
      queue.ring();
      for (int i = 0; i < 16; i++) {
        queue.completed();
      }
    }
  }

  /** The same with a doorbell for every command. */
  @Benchmark
  public void postAndRing() {
    fill(queue.claim());
    queue.post();
    next();
    queue.ring();
    queue.completed();
  }

  /** Only the stores of an entry, through {@link OffHeap}. */
  @Benchmark
  public void entry() {
    fill(ring.address() + tail * 64L);
    next();
  }

  /** The same stores through a segment that is made for them, with constant offsets. */
  @Benchmark
  public void entryByLocalSegment() {
    MemorySegment entry = OffHeap.segment(ring.address() + tail * 64L, 64);
    store(entry, 0);
    next();
  }

  /** The same stores through the ring's own segment, at offsets that vary. */
  @Benchmark
  public void entryByFieldSegment() {
    store(segment, tail * 64L);
    next();
  }

  private void store(MemorySegment to, long at) {
    to.set(INT, at, (tail << 16) | 1);
    to.set(INT, at + 4, 1);
    to.set(LONG, at + 8, 0);
    to.set(LONG, at + 16, 0);
    to.set(LONG, at + 24, 0);
    to.set(LONG, at + 32, 0);
    to.set(LONG, at + 40, 0);
    to.set(LONG, at + 48, 0);
    to.set(LONG, at + 56, 0);
    to.set(LONG, at + 24, lba << 12);
    to.set(LONG, at + 32, 0);
    to.set(LONG, at + 40, lba++);
    to.set(INT, at + 48, 7);
  }

  /** The field segment again, with the doorbell after a full fence, as one would write it first. */
  @Benchmark
  public void entryByFieldSegmentAndRing() {
    store(segment, tail * 64L);
    next();
    VarHandle.fullFence();
    register.set(INT, 0, tail);
  }

  @Benchmark
  public void describe4K() {
    lists.describe(scratch, 5, data, 4096, 4096);
  }

  @Benchmark
  public void describe8K() {
    lists.describe(scratch, 5, data, 4096, 8192);
  }

  @Benchmark
  public void describe128K() {
    lists.describe(scratch, 5, data, 4096, 128 << 10);
  }
}
