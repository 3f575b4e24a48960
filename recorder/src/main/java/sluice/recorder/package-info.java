/**
 * Streams in, raw namespaces out: the recorder.
 *
 * <p>The way of a chunk: a source claims a slot of the {@link sluice.recorder.ring.StreamRing},
 * fills it and commits it; the writer hands the slot's own memory to the drive and frees it when
 * the drive has it. There is no copy after the slot. The sub-packages are the rooms along that way.
 */
package sluice.recorder;
