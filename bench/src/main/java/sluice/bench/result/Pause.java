package sluice.bench.result;

/**
 * A time in which a job that had commands in flight saw none complete.
 *
 * @param startMillis when it began, after the job's start
 * @param nanos how long it took
 */
public record Pause(long startMillis, long nanos) {}
