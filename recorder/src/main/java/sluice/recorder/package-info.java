/**
 * Streams in, raw namespaces out: the recorder.
 *
 * <p>The way of a chunk: a source claims a slot of the {@link sluice.recorder.ring.StreamRing},
 * fills it and commits it; the {@link sluice.recorder.write.StreamWriter} hands the slot's own
 * memory to the drive and frees it when the drive has it. There is no copy after the slot. Behind
 * the data follows an index that tells where which byte of the stream is, when it came, and what
 * its checksum is; a Flush makes both durable.
 *
 * <p>Programs begin with {@link sluice.recorder.Volume}. A {@link sluice.recorder.RecordingSession}
 * records from a source to its end; a program that fills the ring itself takes a {@link
 * sluice.recorder.Recorder}. What is there is a {@link sluice.recorder.Recording} with its {@link
 * sluice.recorder.RecordingReader} and {@link sluice.recorder.Player}. What these tell of the
 * drive's layout are types of {@code format}, {@code volume} and {@code write}. Sources and sinks
 * stand on this package, the other rooms know only those further down:
 *
 * <pre>
 *   source  sink     the outside world, on what both share: stream
 *   write            from the ring to the drive
 *   volume           superblocks, catalogue, recovery
 *   read             index and data ahead of whoever wants them
 *   ring             slots in DMA memory
 *   format           the bytes on the drive, as FORMAT.md specifies them
 * </pre>
 */
package sluice.recorder;
