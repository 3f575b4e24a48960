/**
 * The write cliff: how fast a drive is written until its cache is full, where that is, and how fast
 * then. {@link sluice.bench.cliff.CliffBench} measures it, {@link sluice.bench.cliff.Plateaus}
 * finds it.
 */
package sluice.bench.cliff;
