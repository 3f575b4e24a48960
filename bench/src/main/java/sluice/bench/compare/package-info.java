/**
 * Sets reports of two sides beside each other, ours or fio's, and says what differs by more than
 * chance: {@link sluice.bench.compare.Comparison}.
 *
 * <p>Chance is judged by what rounds of the same jobs differ by, not by samples within a run: those
 * depend on one another, and promise too much.
 */
package sluice.bench.compare;
