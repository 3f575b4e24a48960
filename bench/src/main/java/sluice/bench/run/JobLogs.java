package sluice.bench.run;

import java.util.ArrayList;
import java.util.List;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.result.Direction;
import sluice.bench.result.LogKind;
import sluice.bench.result.SampleLog;

/** The log files that a job asks for. */
final class JobLogs {
  private static final long MILLI = 1_000_000;
  private static final Direction[] WAYS = Direction.values();

  private final List<SampleLog> all = new ArrayList<>();
  private final SampleLog bandwidth;
  private final SampleLog iops;
  private final SampleLog submission;
  private final SampleLog completion;
  private final SampleLog total;
  private final long windowNanos;

  /**
   * @param number of the clone in the run, from 1
   */
  JobLogs(JobOptions job, int number) {
    windowNanos = job.get(Options.LOG_AVG_MSEC);
    String latency = job.get(Options.WRITE_LAT_LOG);
    bandwidth = log(LogKind.BANDWIDTH, job.get(Options.WRITE_BW_LOG), job, number);
    iops = log(LogKind.IOPS, job.get(Options.WRITE_IOPS_LOG), job, number);
    submission = log(LogKind.SUBMISSION, latency, job, number);
    completion = log(LogKind.COMPLETION, latency, job, number);
    total = log(LogKind.LATENCY, latency, job, number);
  }

  private SampleLog log(LogKind kind, String name, JobOptions job, int number) {
    if (name == null) {
      return null;
    }
    boolean isLatency = kind != LogKind.BANDWIDTH && kind != LogKind.IOPS;
    SampleLog log =
        new SampleLog(
            kind,
            name.isEmpty() ? job.name() : name,
            job.get(Options.PER_JOB_LOGS) ? number : 0,
            isLatency ? windowNanos / MILLI : 0,
            job.get(Options.LOG_MAX_VALUE),
            job.get(Options.LOG_OFFSET));
    all.add(log);
    return log;
  }

  /** Over how long rates are averaged; 0 when each I/O is a sample. */
  long windowNanos() {
    return bandwidth == null && iops == null ? 0 : windowNanos;
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /** An I/O has completed. */
  void completed(long millis, int way, int length, long offset, long slat, long clat) {
    Direction direction = WAYS[way];
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

  List<SampleLog> finish() {
    all.forEach(SampleLog::finish);
    return all;
  }
}
