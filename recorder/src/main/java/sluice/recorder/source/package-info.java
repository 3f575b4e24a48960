/**
 * Where streams come from: files, pipes, the network, and a generator of verifiable bytes.
 *
 * <p>{@link sluice.recorder.source.Sources} opens a {@link sluice.recorder.source.Source} by its
 * address; it is an agent that moves bytes into the ring. What all of them share is the filling of
 * slots (when a slot is committed, where a gap belongs); what differs is whether they can be held
 * back. The system calls on sockets are in one class, {@link sluice.recorder.source.Sockets}, and
 * the kernel's structures beside it, each with its picture. {@link sluice.recorder.sink} uses them
 * too, for the way back.
 */
package sluice.recorder.source;
