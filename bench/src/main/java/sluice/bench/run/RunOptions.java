package sluice.bench.run;

import java.util.function.Consumer;
import java.util.function.LongSupplier;
import sluice.bench.result.LogSink;
import sluice.bench.result.Progress;

/**
 * How jobs are run, beyond what they say themselves.
 *
 * @param timeScale what runtimes, ramps and delays are multiplied by, more than 0
 * @param allowWrite whether jobs may change what the drive holds
 * @param threads how many threads poll at the most
 * @param sharesThreads whether jobs share threads where there are more of them; else each has its
 *     own, as is right for jobs that sleep until an interrupt
 * @param pauseNanos how long a drive with work must be silent for it to be called a pause
 * @param nanoClock nanoseconds that only go up
 * @param onProgress told several times a second how far it is, on the thread that runs the bench
 * @param interim who gets results while the run goes on
 * @param logs where logs go
 * @param warmingUp what is done before the first I/O
 * @param queues which queues of a drive jobs have
 * @param outliers which single I/Os are told
 */
public record RunOptions(
    double timeScale,
    boolean allowWrite,
    int threads,
    boolean sharesThreads,
    long pauseNanos,
    LongSupplier nanoClock,
    Consumer<Progress> onProgress,
    Interim interim,
    LogSink logs,
    WarmingUp warmingUp,
    QueueLayout queues,
    Outliers outliers) {
  private static final long PAUSE_NANOS = 10_000_000;

  public RunOptions {
    if (!(timeScale > 0 && timeScale <= 1000)) {
      throw new IllegalArgumentException(
          "times can be multiplied by more than 0 and up to 1000, not by " + timeScale);
    }
    if (threads < 1 || pauseNanos < 1) {
      throw new IllegalArgumentException("a run needs a thread, and pauses a length");
    }
  }

  /** Times as they are, no writes, a thread per processor. */
  public static RunOptions standard() {
    return new RunOptions(
        1,
        false,
        Runtime.getRuntime().availableProcessors(),
        true,
        PAUSE_NANOS,
        System::nanoTime,
        progress -> {},
        Interim.NONE,
        LogSink.NONE,
        WarmingUp.NONE,
        QueueLayout.ONE_EACH,
        Outliers.STANDARD);
  }

  public RunOptions withTimeScale(double factor) {
    return new RunOptions(
        factor,
        allowWrite,
        threads,
        sharesThreads,
        pauseNanos,
        nanoClock,
        onProgress,
        interim,
        logs,
        warmingUp,
        queues,
        outliers);
  }

  public RunOptions withAllowWrite(boolean allowed) {
    return new RunOptions(
        timeScale,
        allowed,
        threads,
        sharesThreads,
        pauseNanos,
        nanoClock,
        onProgress,
        interim,
        logs,
        warmingUp,
        queues,
        outliers);
  }

  public RunOptions withThreads(int most) {
    return new RunOptions(
        timeScale,
        allowWrite,
        most,
        sharesThreads,
        pauseNanos,
        nanoClock,
        onProgress,
        interim,
        logs,
        warmingUp,
        queues,
        outliers);
  }

  public RunOptions withSharesThreads(boolean shares) {
    return new RunOptions(
        timeScale,
        allowWrite,
        threads,
        shares,
        pauseNanos,
        nanoClock,
        onProgress,
        interim,
        logs,
        warmingUp,
        queues,
        outliers);
  }

  public RunOptions withPauseNanos(long nanos) {
    return new RunOptions(
        timeScale,
        allowWrite,
        threads,
        sharesThreads,
        nanos,
        nanoClock,
        onProgress,
        interim,
        logs,
        warmingUp,
        queues,
        outliers);
  }

  public RunOptions withNanoClock(LongSupplier clock) {
    return new RunOptions(
        timeScale,
        allowWrite,
        threads,
        sharesThreads,
        pauseNanos,
        clock,
        onProgress,
        interim,
        logs,
        warmingUp,
        queues,
        outliers);
  }

  public RunOptions withOnProgress(Consumer<Progress> listener) {
    return new RunOptions(
        timeScale,
        allowWrite,
        threads,
        sharesThreads,
        pauseNanos,
        nanoClock,
        listener,
        interim,
        logs,
        warmingUp,
        queues,
        outliers);
  }

  public RunOptions withInterim(Interim results) {
    return new RunOptions(
        timeScale,
        allowWrite,
        threads,
        sharesThreads,
        pauseNanos,
        nanoClock,
        onProgress,
        results,
        logs,
        warmingUp,
        queues,
        outliers);
  }

  public RunOptions withLogs(LogSink sink) {
    return new RunOptions(
        timeScale,
        allowWrite,
        threads,
        sharesThreads,
        pauseNanos,
        nanoClock,
        onProgress,
        interim,
        sink,
        warmingUp,
        queues,
        outliers);
  }

  public RunOptions withWarmingUp(WarmingUp how) {
    return new RunOptions(
        timeScale,
        allowWrite,
        threads,
        sharesThreads,
        pauseNanos,
        nanoClock,
        onProgress,
        interim,
        logs,
        how,
        queues,
        outliers);
  }

  public RunOptions withQueues(QueueLayout layout) {
    return new RunOptions(
        timeScale,
        allowWrite,
        threads,
        sharesThreads,
        pauseNanos,
        nanoClock,
        onProgress,
        interim,
        logs,
        warmingUp,
        layout,
        outliers);
  }

  public RunOptions withOutliers(Outliers which) {
    return new RunOptions(
        timeScale,
        allowWrite,
        threads,
        sharesThreads,
        pauseNanos,
        nanoClock,
        onProgress,
        interim,
        logs,
        warmingUp,
        queues,
        which);
  }

  /** A time of a job, scaled. */
  long scaled(long nanos) {
    return (long) (nanos * timeScale);
  }
}
