package sluice.bench.result;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a job did on one of several drives: bytes, commands, runtime, and latencies from submission
 * to completion. The runtime is the job's; pauses are the drive's own.
 *
 * @param drive which of the run's drives, from 0
 * @param directions all of them
 * @param pauses in which the drive had commands of the job and completed none
 */
public record DriveShare(int drive, Map<Direction, DirectionResult> directions, Pauses pauses) {
  public DriveShare {
    directions = Collections.unmodifiableMap(new EnumMap<>(directions));
  }

  /** What was done in a direction; all zero when nothing was. */
  public DirectionResult direction(Direction direction) {
    return directions.get(direction);
  }

  /** Shares of several jobs that ran side by side, a drive's made one, in the drives' order. */
  static List<DriveShare> sum(List<DriveShare> some, List<DriveShare> others) {
    Map<Integer, DriveShare> sums = new TreeMap<>();
    for (List<DriveShare> shares : List.of(some, others)) {
      shares.forEach(share -> sums.merge(share.drive, share, DriveShare::plus));
    }
    return new ArrayList<>(sums.values());
  }

  private DriveShare plus(DriveShare other) {
    Map<Direction, DirectionResult> both = new EnumMap<>(Direction.class);
    for (Direction direction : Direction.values()) {
      both.put(direction, Merging.sum(direction(direction), other.direction(direction)));
    }
    return new DriveShare(drive, both, pauses.plus(other.pauses));
  }
}
