package sluice.bench.run;

import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.job.RwMode;
import sluice.bench.job.Verification;

/**
 * When a round of a job, and the job, has done enough. Rounds matter only to jobs that verify what
 * they wrote after each; others do all in one.
 *
 * @param verifies whether what a round wrote is verified after it
 * @param roundBytes how much a round moves
 * @param rounds how many there are
 * @param endsWithPass whether a round ends with a pass through the part of the drive, however
 *     little was moved: what leaves holes does not come back for them
 * @param ios how many I/Os there are at the most
 * @param runtimeNanos after how long it ends; {@link Long#MAX_VALUE} for never
 */
record Limits(
    boolean verifies,
    long roundBytes,
    long rounds,
    boolean endsWithPass,
    long ios,
    long runtimeNanos) {
  static Limits of(JobOptions job, Region region, RunOptions options) {
    RwMode mode = job.get(Options.RW);
    boolean timeBased = job.get(Options.TIME_BASED);
    boolean verifies =
        job.get(Options.VERIFY) != Verification.NONE && job.get(Options.DO_VERIFY) && mode.writes();
    // Trims and writes of the same block are both counted.
    long once = saturated(region.ioBytes(), mode.trimsBeforeWriting() ? 2 : 1);
    long loops = timeBased ? Long.MAX_VALUE : job.get(Options.LOOPS);
    boolean endsWithPass = !mode.random() && mode.step() > 0 && !timeBased;
    long ios = job.get(Options.NUMBER_IOS);
    long runtime = job.get(Options.RUNTIME);
    return new Limits(
        verifies,
        verifies ? once : saturated(once, loops),
        verifies ? loops : 1,
        endsWithPass,
        ios == 0 ? Long.MAX_VALUE : ios,
        runtime == 0 ? Long.MAX_VALUE : Math.max(1, options.scaled(runtime)));
  }

  private static long saturated(long one, long other) {
    return one > Long.MAX_VALUE / other ? Long.MAX_VALUE : one * other;
  }
}
