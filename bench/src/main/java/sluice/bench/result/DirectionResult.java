package sluice.bench.result;

import java.util.List;

/**
 * One direction of a job: what was done, how fast, and how long each command took. All counts are
 * of the time after the ramp.
 *
 * @param bytes bytes that were moved (or trimmed)
 * @param ios commands that were issued and completed
 * @param shortIos commands that moved less than they should have
 * @param droppedIos commands that were left out
 * @param runtimeMillis from the first command to the last completion
 * @param submission from before to after a command's submission (fio's slat)
 * @param completion from submission to completion (fio's clat)
 * @param total both together (fio's lat)
 * @param intended from the moment at which a paced job should have issued the command to its
 *     completion; empty of jobs that are not paced
 * @param bandwidth samples of the rate in KiB/s, one per {@code bwavgtime} (500 ms)
 * @param iops samples of the rate in commands per second, one per {@code iopsavgtime} (500 ms)
 * @param intervals pieces of the job in the order of time, without holes; empty when not kept
 */
public record DirectionResult(
    long bytes,
    long ios,
    long shortIos,
    long droppedIos,
    long runtimeMillis,
    LatencyResult submission,
    LatencyResult completion,
    LatencyResult total,
    LatencyResult intended,
    Statistics bandwidth,
    Statistics iops,
    List<Interval> intervals) {

  public DirectionResult {
    intervals = List.copyOf(intervals);
  }

  /** A direction in which nothing was done. */
  public static DirectionResult none() {
    return new DirectionResult(
        0,
        0,
        0,
        0,
        0,
        LatencyResult.none(),
        LatencyResult.none(),
        LatencyResult.none(),
        LatencyResult.none(),
        Statistics.NONE,
        Statistics.NONE,
        List.of());
  }

  /** Bytes per second over the whole runtime; 0 without a runtime. */
  public double bytesPerSecond() {
    return runtimeMillis == 0 ? 0 : bytes * 1000.0 / runtimeMillis;
  }

  /** Commands per second over the whole runtime; 0 without a runtime. */
  public double iosPerSecond() {
    return runtimeMillis == 0 ? 0 : ios * 1000.0 / runtimeMillis;
  }
}
