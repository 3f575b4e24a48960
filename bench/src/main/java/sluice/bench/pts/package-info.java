/**
 * The basic tests of SNIA's Solid State Storage Performance Test Specification (PTS 2.0): IOPS,
 * throughput and latency, each after a purge and preconditioning, in rounds until the drive is in a
 * steady state. {@link sluice.bench.pts.PtsBench} does them by runs of {@link
 * sluice.bench.run.Bench}.
 */
package sluice.bench.pts;
