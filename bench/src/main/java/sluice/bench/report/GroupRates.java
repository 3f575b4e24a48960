package sluice.bench.report;

import java.util.List;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.JobResult;
import sluice.bench.result.Merging;

/**
 * What the jobs of a reporting group did together in one direction.
 *
 * @param bytes bytes of all jobs
 * @param rate bytes per second: all bytes in the longest runtime
 * @param minRate the slowest job's bytes per second
 * @param maxRate the fastest job's bytes per second
 * @param minMillis the shortest runtime
 * @param maxMillis the longest runtime; 0 when no job did anything in the direction
 */
record GroupRates(
    long bytes, long rate, long minRate, long maxRate, long minMillis, long maxMillis) {

  /** Sums a direction of all jobs of a group. */
  static GroupRates of(List<JobResult> jobs, int groupId, Direction direction) {
    return of(
        jobs.stream()
            .filter(job -> job.groupId() == groupId)
            .map(job -> job.direction(direction))
            .toList());
  }

  /** Sums all directions of all jobs of a group. */
  static GroupRates ofMixed(List<JobResult> jobs, int groupId) {
    return of(
        jobs.stream()
            .filter(job -> job.groupId() == groupId)
            .map(job -> Merging.mixed(job).direction(Direction.READ))
            .toList());
  }

  private static GroupRates of(List<DirectionResult> results) {
    long bytes = 0;
    long minRate = Long.MAX_VALUE;
    long maxRate = 0;
    long minMillis = Long.MAX_VALUE;
    long maxMillis = 0;
    for (DirectionResult result : results) {
      if (result.runtimeMillis() == 0) {
        continue;
      }
      bytes += result.bytes();
      minRate = Math.min(minRate, (long) result.bytesPerSecond());
      maxRate = Math.max(maxRate, (long) result.bytesPerSecond());
      minMillis = Math.min(minMillis, result.runtimeMillis());
      maxMillis = Math.max(maxMillis, result.runtimeMillis());
    }
    if (maxMillis == 0) {
      return new GroupRates(0, 0, 0, 0, 0, 0);
    }
    long rate = (long) (bytes * 1000.0 / maxMillis);
    return new GroupRates(bytes, rate, minRate, maxRate, minMillis, maxMillis);
  }

  /**
   * The share that a job has of the group's rate, in percent.
   *
   * @param meanKibibytes the mean of the job's samples in KiB/s, of which fio drops the fraction
   */
  double percentOf(double meanKibibytes) {
    return rate == 0 ? 100 : Math.min(((long) meanKibibytes) * 100 / (rate / 1024.0), 100);
  }
}
