/**
 * What a run measured: plain data that no longer changes, rich enough for every report. {@link
 * sluice.bench.result.BenchResult} is the whole, {@link sluice.bench.result.JobResult} one job in
 * it, {@link sluice.bench.result.DirectionResult} its reads, its writes or its trims.
 *
 * <p>Three classes fill it while a job runs, each by one thread and without allocation per I/O:
 * {@link sluice.bench.result.RunningStatistics}, {@link sluice.bench.result.LatencyRecorder} and
 * {@link sluice.bench.result.DepthCounts}; a {@link sluice.bench.result.LogSink} gets what fio's
 * log files hold. {@link sluice.bench.result.Merging} makes one job of many, for {@code
 * group_reporting} and {@code unified_rw_reporting}.
 *
 * <p>Times are nanoseconds where a name says so, else milliseconds; sizes are bytes.
 */
package sluice.bench.result;
