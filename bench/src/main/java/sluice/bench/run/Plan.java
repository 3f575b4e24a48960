package sluice.bench.run;

/**
 * What a clone of a job is to do, besides the job's options.
 *
 * @param number of the clone in the run, from 1
 * @param group the reporting group, from 0
 * @param region of the drive
 * @param limits when it is over
 * @param rampNanos what is done first and not measured
 * @param pauseNanos what is called a pause
 * @param mostIntervals how many pieces of time are kept for plots, an even number
 * @param seed of all that is drawn
 */
record Plan(
    int number,
    int group,
    Region region,
    Limits limits,
    long rampNanos,
    long pauseNanos,
    int mostIntervals,
    long seed) {}
