package sluice.bench.run;

import java.util.List;
import sluice.bench.job.Place;

/**
 * What a clone of a job is to do, besides the job's options.
 *
 * @param number of the clone in the run, from 1
 * @param group the reporting group, from 0
 * @param region of the drive
 * @param limits when it is over
 * @param rampNanos what is done first and not measured
 * @param pauseNanos what is called a pause
 * @param outliers which single I/Os are told
 * @param mostIntervals how many pieces of time are kept for plots, an even number
 * @param tellsDrives whether what is done on each drive is told by itself
 * @param seed of all that is drawn
 */
record Plan(
    int number,
    int group,
    Region region,
    Limits limits,
    long rampNanos,
    long pauseNanos,
    Outliers outliers,
    int mostIntervals,
    boolean tellsDrives,
    long seed) {
  /** The drives that it is on, by their numbers in the run. */
  List<Integer> drives() {
    return region.parts().stream().map(Place::drive).distinct().toList();
  }

  boolean isOn(int drive) {
    return region.parts().stream().anyMatch(part -> part.drive() == drive);
  }
}
