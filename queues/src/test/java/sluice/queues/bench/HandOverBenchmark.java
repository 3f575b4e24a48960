package sluice.queues.bench;

import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import sluice.queues.MpscRing;
import sluice.queues.SpscRing;
import sluice.vfio.OffHeap;

/** Records handed from one thread to another: {@code taken} counts those that arrived. */
@State(Scope.Group)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgs = "--enable-native-access=ALL-UNNAMED")
public class HandOverBenchmark {
  private static final int CAPACITY = 1024;

  private final SpscRing spsc = new SpscRing(CAPACITY, 64);
  private final MpscRing mpsc = new MpscRing(CAPACITY, 64);
  private final Queue<Long> blocking = new ArrayBlockingQueue<>(CAPACITY);

  /** What arrived at the consumer. */
  @State(Scope.Thread)
  @AuxCounters
  public static class Arrivals {
    public long taken;
    private long sum;
  }

  /** The producer's own number. */
  @State(Scope.Thread)
  public static class Numbers {
    private long next;
  }

  @Benchmark
  @Group("spscRing")
  public void putSpsc(Numbers numbers) {
    long record = spsc.claim();
    if (record == 0) {
      Thread.onSpinWait();
      return;
    }
    OffHeap.putLong(record, numbers.next++);
    spsc.publish();
  }

  @Benchmark
  @Group("spscRing")
  public void takeSpsc(Arrivals arrivals) {
    long record = spsc.peek();
    if (record == 0) {
      Thread.onSpinWait();
      return;
    }
    arrivals.sum += OffHeap.getLong(record);
    arrivals.taken++;
    spsc.release();
  }

  @Benchmark
  @Group("mpscRing")
  public void putMpsc(Numbers numbers) {
    long record = mpsc.claim();
    if (record == 0) {
      Thread.onSpinWait();
      return;
    }
    OffHeap.putLong(record, numbers.next++);
    mpsc.publish(record);
  }

  @Benchmark
  @Group("mpscRing")
  public void takeMpsc(Arrivals arrivals) {
    long record = mpsc.peek();
    if (record == 0) {
      Thread.onSpinWait();
      return;
    }
    arrivals.sum += OffHeap.getLong(record);
    arrivals.taken++;
    mpsc.release();
  }

  @Benchmark
  @Group("arrayBlockingQueue")
  public void putBlocking(Numbers numbers) {
    if (blocking.offer(numbers.next)) {
      numbers.next++;
    } else {
      Thread.onSpinWait();
    }
  }

  @Benchmark
  @Group("arrayBlockingQueue")
  public void takeBlocking(Arrivals arrivals) {
    Long value = blocking.poll();
    if (value == null) {
      Thread.onSpinWait();
      return;
    }
    arrivals.sum += value;
    arrivals.taken++;
  }
}
