package sluice.bench.run;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import sluice.bench.result.Direction;
import sluice.bench.result.Samples;

/**
 * A job's log on its way from the job's thread, which fills pieces, to the thread that writes them
 * and gives them back. What is not written yet is bounded: a job whose log is not written as fast
 * as it fills it waits for that, which counts as a stall; and after some seconds without any
 * progress it leaves samples out.
 *
 * <p>With a window ({@code log_avg_msec}) the samples of each direction are averaged, or with
 * {@code log_max_value} the largest is taken.
 */
final class LogStream {
  /** Samples of a piece where each I/O is one; and where there are few. */
  private static final int MANY = 1024;

  private static final int FEW = 16;

  /** Pieces that each log may have in any case: enough for the last window of all directions. */
  private static final int OWN_PIECES = 4;

  private static final int MOST_PIECES = LogBudget.PIECES + OWN_PIECES;

  private static final long NAP_NANOS = 100_000;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final Direction[] WAYS = Direction.values();

  private final LogBudget budget;
  private final Consumer<Samples> to;
  private final long windowMillis;
  private final boolean maximum;
  private final int capacity;
  private final ArrayBlockingQueue<Samples> full = new ArrayBlockingQueue<>(MOST_PIECES);
  private final ArrayBlockingQueue<Samples> free = new ArrayBlockingQueue<>(MOST_PIECES);
  private Samples current;
  private int pieces;
  private volatile boolean leavesOut;

  private long windowEnd;
  private final long[] windowCounts = new long[WAYS.length];
  private final double[] windowMeans = new double[WAYS.length];
  private final long[] windowMaxima = new long[WAYS.length];

  /**
   * @param windowMillis over how much samples are averaged here; 0 to keep each
   * @param maximum whether a window's largest value is kept, not its mean
   * @param isBusy whether each I/O is a sample
   */
  LogStream(
      LogBudget budget, Consumer<Samples> to, long windowMillis, boolean maximum, boolean isBusy) {
    this.budget = budget;
    this.to = to;
    this.windowMillis = windowMillis;
    this.maximum = maximum;
    this.capacity = isBusy ? MANY : FEW;
    this.windowEnd = windowMillis;
  }

  // For the job's thread.

  /**
   * Takes a sample.
   *
   * @param timeMillis after the job's start; not before that of the sample before
   */
  void add(long timeMillis, long value, Direction direction, int blockBytes, long offsetBytes) {
    if (windowMillis == 0) {
      append(timeMillis, value, direction, blockBytes, offsetBytes);
      return;
    }
    if (timeMillis >= windowEnd) {
      closeWindow();
      windowEnd = (timeMillis / windowMillis + 1) * windowMillis;
    }
    int d = direction.number();
    long count = ++windowCounts[d];
    windowMeans[d] += (value - windowMeans[d]) / count;
    windowMaxima[d] = Math.max(windowMaxima[d], value);
  }

  /** Hands on what is in the last window: the job has ended. By its thread, or after it. */
  void finish() {
    closeWindow();
    handOn();
  }

  private void closeWindow() {
    for (Direction way : WAYS) {
      int d = way.number();
      if (windowCounts[d] > 0) {
        append(windowEnd, maximum ? windowMaxima[d] : Math.round(windowMeans[d]), way, 0, 0);
        windowCounts[d] = 0;
        windowMeans[d] = 0;
        windowMaxima[d] = 0;
      }
    }
  }

  private void append(long time, long value, Direction way, int blockBytes, long offset) {
    if (current == null && !takePiece()) {
      return;
    }
    current.add(time, value, way, blockBytes, offset);
    if (capacity == FEW || current.isFull()) {
      handOn();
    }
  }

  private void handOn() {
    if (current != null) {
      full.add(current);
      current = null;
    }
  }

  private boolean takePiece() {
    current = free.poll();
    if (current == null && (pieces < OWN_PIECES || budget.take())) {
      pieces++;
      current = new Samples(capacity);
    }
    if (current == null && !leavesOut) {
      long start = System.nanoTime();
      while (current == null && System.nanoTime() - start < PATIENCE_NANOS) {
        LockSupport.parkNanos(NAP_NANOS);
        current = free.poll();
      }
      leavesOut = current == null;
    }
    return current != null;
  }

  // For the thread that writes.

  /** Writes what was handed on. */
  void drain() {
    for (Samples next = full.poll(); next != null; next = full.poll()) {
      to.accept(next);
      next.clear();
      free.add(next);
    }
  }

  /** Whether samples were left out, as they were not written in time. */
  boolean leavesOut() {
    return leavesOut;
  }

  /** Lets go of its memory, when the job has ended and all is written. */
  void close() {
    budget.give(Math.max(0, pieces - OWN_PIECES));
    pieces = 0;
    free.clear();
  }
}
