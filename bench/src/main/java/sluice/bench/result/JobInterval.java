package sluice.bench.result;

import java.time.Instant;

/**
 * A second of a job, one direction, told while the run goes on.
 *
 * @param job its name
 * @param measured when the job began to be measured, from which on the interval's times count
 * @param interval what was done in it
 */
public record JobInterval(String job, Direction direction, Instant measured, Interval interval) {}
