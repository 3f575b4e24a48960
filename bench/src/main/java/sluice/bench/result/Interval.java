package sluice.bench.result;

import org.HdrHistogram.Histogram;

/**
 * What happened in a short piece of a job, one direction: for plots over time and for {@code .hlog}
 * files. Intervals of all directions of a job have the same limits.
 *
 * @param startMillis when it began, after the job's start
 * @param endMillis when it ended, after the job's start
 * @param bytes bytes that were completed in it
 * @param ios commands that were completed in it
 * @param latency their completion latencies in nanoseconds
 */
public record Interval(long startMillis, long endMillis, long bytes, long ios, Histogram latency) {}
