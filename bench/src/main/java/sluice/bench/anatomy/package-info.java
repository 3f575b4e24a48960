/**
 * The anatomy of a command: single commands, stamped at each of their steps, on one drive or on
 * several in turns. {@link sluice.bench.anatomy.Dissection} runs them, {@link
 * sluice.bench.anatomy.Summary} says what the times of a step were.
 */
package sluice.bench.anatomy;
