package sluice.bench.run;

import java.util.function.Consumer;
import java.util.function.LongSupplier;
import sluice.bench.result.LogSink;
import sluice.bench.result.Progress;

/**
 * How jobs are run, beyond what they say themselves. Nothing changes it: {@code with} gives
 * another.
 */
public final class RunOptions {
  private static final long PAUSE_NANOS = 10_000_000;

  // Set before anybody has it, in with.
  private double timeScale = 1;
  private boolean allowWrite = false;
  private int threads = Runtime.getRuntime().availableProcessors();
  private boolean sharesThreads = true;
  private long pauseNanos = PAUSE_NANOS;
  private LongSupplier nanoClock = System::nanoTime;
  private Consumer<Progress> onProgress = progress -> {};
  private Interim interim = Interim.NONE;
  private LogSink logs = LogSink.NONE;
  private WarmingUp warmingUp = WarmingUp.NONE;
  private QueueLayout queues = QueueLayout.ONE_EACH;
  private Outliers outliers = Outliers.STANDARD;

  private RunOptions() {}

  /** Times as they are, no writes, a thread per processor. */
  public static RunOptions standard() {
    return new RunOptions();
  }

  private RunOptions with(Consumer<RunOptions> change) {
    RunOptions other = new RunOptions();
    other.timeScale = timeScale;
    other.allowWrite = allowWrite;
    other.threads = threads;
    other.sharesThreads = sharesThreads;
    other.pauseNanos = pauseNanos;
    other.nanoClock = nanoClock;
    other.onProgress = onProgress;
    other.interim = interim;
    other.logs = logs;
    other.warmingUp = warmingUp;
    other.queues = queues;
    other.outliers = outliers;
    change.accept(other);
    return other;
  }

  /** What runtimes, ramps and delays are multiplied by, more than 0. */
  public double timeScale() {
    return timeScale;
  }

  public RunOptions withTimeScale(double factor) {
    if (!(factor > 0 && factor <= 1000)) {
      throw new IllegalArgumentException(
          "times can be multiplied by more than 0 and up to 1000, not by " + factor);
    }
    return with(other -> other.timeScale = factor);
  }

  /** Whether jobs may change what the drive holds. */
  public boolean allowWrite() {
    return allowWrite;
  }

  public RunOptions withAllowWrite(boolean allowed) {
    return with(other -> other.allowWrite = allowed);
  }

  /** How many threads poll at the most. */
  public int threads() {
    return threads;
  }

  public RunOptions withThreads(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("a run needs a thread, and pauses a length");
    }
    return with(other -> other.threads = most);
  }

  /**
   * Whether jobs share threads where there are more of them; else each has its own, as is right for
   * jobs that sleep until an interrupt.
   */
  public boolean sharesThreads() {
    return sharesThreads;
  }

  public RunOptions withSharesThreads(boolean shares) {
    return with(other -> other.sharesThreads = shares);
  }

  /** How long a drive with work must be silent for it to be called a pause. */
  public long pauseNanos() {
    return pauseNanos;
  }

  public RunOptions withPauseNanos(long nanos) {
    if (nanos < 1) {
      throw new IllegalArgumentException("a run needs a thread, and pauses a length");
    }
    return with(other -> other.pauseNanos = nanos);
  }

  /** Nanoseconds that only go up. */
  public LongSupplier nanoClock() {
    return nanoClock;
  }

  public RunOptions withNanoClock(LongSupplier clock) {
    return with(other -> other.nanoClock = clock);
  }

  /** Told several times a second how far it is, on the thread that runs the bench. */
  public Consumer<Progress> onProgress() {
    return onProgress;
  }

  public RunOptions withOnProgress(Consumer<Progress> listener) {
    return with(other -> other.onProgress = listener);
  }

  /** Who gets results while the run goes on. */
  public Interim interim() {
    return interim;
  }

  public RunOptions withInterim(Interim results) {
    return with(other -> other.interim = results);
  }

  /** Where logs go. */
  public LogSink logs() {
    return logs;
  }

  public RunOptions withLogs(LogSink sink) {
    return with(other -> other.logs = sink);
  }

  /** What is done before the first I/O. */
  public WarmingUp warmingUp() {
    return warmingUp;
  }

  public RunOptions withWarmingUp(WarmingUp how) {
    return with(other -> other.warmingUp = how);
  }

  /** Which queues of a drive jobs have. */
  public QueueLayout queues() {
    return queues;
  }

  public RunOptions withQueues(QueueLayout layout) {
    return with(other -> other.queues = layout);
  }

  /** Which single I/Os are told. */
  public Outliers outliers() {
    return outliers;
  }

  public RunOptions withOutliers(Outliers which) {
    return with(other -> other.outliers = which);
  }

  /** A time of a job, scaled. */
  long scaled(long nanos) {
    return (long) (nanos * timeScale);
  }
}
