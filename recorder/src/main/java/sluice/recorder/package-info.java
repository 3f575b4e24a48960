/**
 * Streams in, raw namespaces out: the recorder.
 *
 * <p>The way of a chunk: a source claims a slot of the {@link sluice.recorder.ring.StreamRing},
 * fills it and commits it; the {@link sluice.recorder.write.StreamWriter} hands the slot's own
 * memory to the drive and frees it when the drive has it. There is no copy after the slot. Behind
 * the data follows an index that tells where which byte of the stream is, when it came, and what
 * its checksum is; a Flush makes both durable.
 *
 * <p>This package is the face: {@link sluice.recorder.Volume}, {@link sluice.recorder.Recorder},
 * {@link sluice.recorder.Recording}, {@link sluice.recorder.RecordingReader}, {@link
 * sluice.recorder.Player}. The rooms behind it, each knowing only those further down:
 *
 * <pre>
 *   source  sink     the outside world
 *   write            from the ring to the drive
 *   volume           superblocks, catalogue, recovery
 *   read             index and data ahead of whoever wants them
 *   ring  drive      slots in DMA memory; a drive as bytes
 *   format           the bytes on the drive, as FORMAT.md specifies them
 * </pre>
 */
package sluice.recorder;
