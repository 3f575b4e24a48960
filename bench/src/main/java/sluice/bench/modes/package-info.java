/**
 * Ways to learn that a drive is done, against each other: polling, hybrid waits and interrupts, one
 * queue and several. {@link sluice.bench.modes.ModeComparison} measures them in turns, by runs of
 * {@link sluice.bench.run.Bench}.
 */
package sluice.bench.modes;
