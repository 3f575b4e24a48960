/**
 * Where streams come from: files, pipes, the network, and a generator of verifiable bytes.
 *
 * <p>{@link sluice.recorder.source.Sources} opens a {@link sluice.recorder.source.Source} by its
 * address; it is an agent that moves bytes into the ring. What all of them share is the filling of
 * slots (when a slot is committed, where a gap belongs); what differs is whether they can be held
 * back. What sinks need too lies in {@link sluice.recorder.stream}.
 */
package sluice.recorder.source;
