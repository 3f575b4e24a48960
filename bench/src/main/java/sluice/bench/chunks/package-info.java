/**
 * Sessions of so many chunks, as recorders in hardware are measured: how fast short streams and
 * long ones are, and the whole drive written and read back. {@link sluice.bench.chunks.ChunksBench}
 * measures it.
 */
package sluice.bench.chunks;
