package sluice.queues.bench;

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
import sluice.queues.CompletionEntry;
import sluice.queues.CompletionQueue;
import sluice.vfio.DmaMemory;

/** One completion: seen, read, popped, given back. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgs = "--enable-native-access=ALL-UNNAMED")
public class CompletionBenchmark {
  private static final int ENTRIES = 1024;

  private final Device device = new Device();
  private final DmaMemory ring = device.allocate(ENTRIES * 16L);
  private final CompletionQueue queue =
      new CompletionQueue(1, ring, ENTRIES, device.completionDoorbell());
  private int completed;

  private void complete() {
    int at = completed & (ENTRIES - 1);
    int phase = 1 - (completed / ENTRIES & 1);
    CompletionEntry.writeRelease(ring.address() + at * 16L, 0, at, 1, at, 0, phase);
    completed = (completed + 1) & (2 * ENTRIES - 1);
  }

  private int take() {
    long entry = queue.peek();
    int sum = 0;
    if (entry != 0) {
      sum =
          CompletionEntry.commandId(entry)
              + CompletionEntry.status(entry)
              + CompletionEntry.submissionQueueHead(entry);
      queue.pop();
    }
    return sum;
  }

  /** What the device's part alone costs; to be taken off the others. */
  @Benchmark
  public void deviceAlone() {
    complete();
  }

  /** A look that finds nothing. */
  @Benchmark
  public long peekAtNothing() {
    return queue.peek();
  }

  /** The device completes; we peek, read and pop, and ring for every sixteenth. */
  @Benchmark
  public int takeOne() {
    complete();
    int sum = take();
    if ((completed & 15) == 0) {
      queue.ring();
    }
    return sum;
  }

  /** The same, ringing for each. */
  @Benchmark
  public int takeOneAndRing() {
    complete();
    int sum = take();
    queue.ring();
    return sum;
  }
}
