package sluice.bench.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.result.Direction;
import sluice.bench.result.Interval;
import sluice.bench.result.LogKind;
import sluice.bench.result.LogSink;
import sluice.bench.result.SampleLog;

/**
 * The logs that a job asks for, and its seconds for who wants them. Filled by the job's thread;
 * {@link #drain} and {@link #close} are for the thread that runs the bench.
 */
final class JobLogs {
  private static final long MILLI = 1_000_000;
  private static final Direction[] WAYS = Direction.values();

  private record Second(Direction way, Interval interval) {}

  private final LogSink sink;
  private final LogBudget budget;
  private final List<LogStream> all = new ArrayList<>();
  private final ConcurrentLinkedQueue<Second> seconds = new ConcurrentLinkedQueue<>();
  private final LogStream bandwidth;
  private final LogStream iops;
  private final LogStream submission;
  private final LogStream completion;
  private final LogStream total;
  private final long windowNanos;

  /** Null if none is wanted. */
  private final BinStream histograms;

  /**
   * Opens them.
   *
   * @param number of the clone in the run, from 1
   * @throws IOException if one cannot be written; its message says which and why
   */
  JobLogs(JobOptions job, int number, LogSink sink, LogBudget budget) throws IOException {
    this.sink = sink;
    this.budget = budget;
    windowNanos = job.get(Options.LOG_AVG_MSEC);
    String latency = job.get(Options.WRITE_LAT_LOG);
    bandwidth = open(LogKind.BANDWIDTH, job.get(Options.WRITE_BW_LOG), job, number);
    iops = open(LogKind.IOPS, job.get(Options.WRITE_IOPS_LOG), job, number);
    submission = open(LogKind.SUBMISSION, latency, job, number);
    completion = open(LogKind.COMPLETION, latency, job, number);
    total = open(LogKind.LATENCY, latency, job, number);
    String histogram = job.get(Options.WRITE_HIST_LOG);
    histograms =
        histogram == null
            ? null
            : new BinStream(
                sink.openHistograms(log(LogKind.HISTOGRAM, histogram, job, number)),
                job.get(Options.LOG_HIST_MSEC) / MILLI,
                job.get(Options.LOG_HIST_COARSENESS));
  }

  private static SampleLog log(LogKind kind, String name, JobOptions job, int number) {
    return new SampleLog(
        kind,
        name.isEmpty() ? job.name() : name,
        job.get(Options.PER_JOB_LOGS) ? number : 0,
        job.get(Options.LOG_OFFSET));
  }

  private LogStream open(LogKind kind, String name, JobOptions job, int number) throws IOException {
    if (name == null) {
      return null;
    }
    boolean isLatency = kind != LogKind.BANDWIDTH && kind != LogKind.IOPS;
    LogStream stream =
        new LogStream(
            budget,
            sink.open(log(kind, name, job, number)),
            isLatency ? windowNanos / MILLI : 0,
            job.get(Options.LOG_MAX_VALUE),
            windowNanos == 0);
    all.add(stream);
    return stream;
  }

  /** Over how long rates are averaged; 0 when each I/O is a sample. */
  long windowNanos() {
    return bandwidth == null && iops == null ? 0 : windowNanos;
  }

  boolean isEmpty() {
    return all.isEmpty() && histograms == null;
  }

  boolean wantsIntervals() {
    return sink.wantsIntervals();
  }

  /** An I/O has completed. */
  void completed(long millis, int way, int length, long offset, long slat, long clat) {
    Direction direction = WAYS[way];
    if (histograms != null) {
      histograms.add(millis, way, length, clat);
    }
    if (total != null) {
      submission.add(millis, slat, direction, length, offset);
      completion.add(millis, clat, direction, length, offset);
      total.add(millis, slat + clat, direction, length, offset);
    }
    if (windowNanos == 0) {
      if (bandwidth != null) {
        long rate = (long) (length * (1e9 / 1024) / Math.max(1, slat + clat));
        bandwidth.add(millis, rate, direction, length, offset);
      }
      if (iops != null) {
        iops.add(millis, 1, direction, length, offset);
      }
    }
  }

  /** A window has ended. */
  void rates(long millis, Direction way, long kibPerSecond, long iosPerSecond) {
    if (bandwidth != null) {
      bandwidth.add(millis, kibPerSecond, way, 0, 0);
    }
    if (iops != null) {
      iops.add(millis, iosPerSecond, way, 0, 0);
    }
  }

  /** A second has ended. */
  void interval(Direction way, Interval interval) {
    seconds.add(new Second(way, interval));
  }

  /** The job has ended. */
  void finish() {
    all.forEach(LogStream::finish);
  }

  /**
   * Writes what there is until now.
   *
   * @param intervals told the seconds
   */
  void drain(BiConsumer<Direction, Interval> intervals) {
    all.forEach(LogStream::drain);
    if (histograms != null) {
      histograms.drain();
    }
    for (Second next = seconds.poll(); next != null; next = seconds.poll()) {
      intervals.accept(next.way(), next.interval());
    }
  }

  /** Whether samples were left out, as they were not written in time. */
  boolean leavesOut() {
    return all.stream().anyMatch(LogStream::leavesOut);
  }

  /** Lets go of what held samples. */
  void close() {
    all.forEach(LogStream::close);
  }
}
