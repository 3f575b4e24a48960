/**
 * Puts jobs on a drive and measures: {@link sluice.bench.run.Bench} runs them group by group, each
 * clone of a job by a {@link sluice.bench.run.Worker} on an I/O queue of its own.
 *
 * <p>Per I/O, the clock is read twice at the most: when completions are seen, and when the doorbell
 * has been rung. What is seen or rung together shares a reading. Nothing is allocated per I/O.
 */
package sluice.bench.run;
