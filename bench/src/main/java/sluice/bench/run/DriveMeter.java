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
  private final PauseMeter pauses;
  private final LatencyRecorder[] completion = new LatencyRecorder[Direction.values().length];
  private final long[] bytes = new long[completion.length];

  /** How many are out, those included that go out with the next doorbell. */
  private int out;

  private int fresh;
  private int cameBack;

  /**
   * @param port the way to it
   * @param pauseNanos what is called a pause
   * @param ways which there are, by their numbers
   */
  DriveMeter(Port port, long pauseNanos, WayMeter... ways) {
    this.drive = port.number();
    this.pauses = new PauseMeter(pauseNanos, port.stalls());
    for (int way = 0; way < ways.length; way++) {
      completion[way] = ways[way] == null ? null : new LatencyRecorder();
    }
  }

  void completed(int way, int length, long clat) {
    completion[way].record(clat);
    bytes[way] += length;
  }

  /** A command goes out with the next doorbell. */
  void issued() {
    out++;
    fresh++;
  }

  void rung(long now) {
    if (fresh > 0 && out == fresh) {
      pauses.awake(now);
    }
    fresh = 0;
  }

  void foundNothing() {
    pauses.foundNothing();
  }

  void slept(long most) {
    pauses.slept(most);
  }

  void look(long now) {
    pauses.look(now);
  }

  void cameBack() {
    out--;
    cameBack++;
  }

  /** A poll has found something on one of the drives. */
  void reaped(long now) {
    if (cameBack > 0) {
      pauses.completed(cameBack, now);
      cameBack = 0;
    } else {
      pauses.foundNothing();
    }
  }

  /** The job begins, or its ramp has ended. */
  void begin(long now) {
    pauses.begin(now);
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
    return new DriveShare(drive, all, pauses.pauses(0));
  }
}
