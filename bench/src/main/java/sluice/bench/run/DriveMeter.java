package sluice.bench.run;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.DriveShare;
import sluice.bench.result.LatencyRecorder;
import sluice.bench.result.LatencyResult;
import sluice.bench.result.Statistics;

/** Measures what a job does on one of its drives. Allocates nothing per I/O. */
final class DriveMeter {
  private final int drive;
  private final LatencyRecorder[] completion = new LatencyRecorder[Direction.values().length];
  private final long[] bytes = new long[completion.length];

  /**
   * @param drive its number in the run
   * @param ways which there are, by their numbers
   */
  DriveMeter(int drive, WayMeter... ways) {
    this.drive = drive;
    for (int way = 0; way < ways.length; way++) {
      completion[way] = ways[way] == null ? null : new LatencyRecorder();
    }
  }

  void completed(int way, int length, long clat) {
    completion[way].record(clat);
    bytes[way] += length;
  }

  /** The ramp has ended. */
  void reset() {
    for (int way = 0; way < bytes.length; way++) {
      bytes[way] = 0;
      if (completion[way] != null) {
        completion[way].reset();
      }
    }
  }

  /**
   * @param job what the job did in each direction, whose runtime is this one's
   */
  DriveShare result(Map<Direction, DirectionResult> job) {
    Map<Direction, DirectionResult> all = new EnumMap<>(Direction.class);
    for (Direction direction : Direction.values()) {
      LatencyRecorder latency = completion[direction.number()];
      DirectionResult whole = job.get(direction);
      all.put(
          direction,
          latency == null || whole == null
              ? DirectionResult.none()
              : new DirectionResult(
                  bytes[direction.number()],
                  latency.count(),
                  0,
                  0,
                  whole.runtimeMillis(),
                  LatencyResult.none(),
                  latency.result(),
                  LatencyResult.none(),
                  LatencyResult.none(),
                  Statistics.NONE,
                  Statistics.NONE,
                  List.of()));
    }
    return new DriveShare(drive, all);
  }
}
