/**
 * What a job does next: where ({@link sluice.bench.load.Offsets}), how much ({@link
 * sluice.bench.load.BlockSizePicker}), which way ({@link sluice.bench.load.DirectionPicker}), when
 * ({@link sluice.bench.load.Pace}) and with which data ({@link sluice.bench.load.DataFiller}).
 *
 * <p>All of it follows from a seed, so that the same load can be gone through again to verify what
 * it wrote. Nothing here does I/O, and nothing allocates per I/O. Used by one thread.
 */
package sluice.bench.load;
