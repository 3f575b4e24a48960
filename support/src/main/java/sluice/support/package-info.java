/**
 * The ground floor: what every room needs and what is nobody's subject.
 *
 * <p>{@link sluice.support.linux} has the system calls, {@link sluice.support.memory} the bytes off
 * the heap, {@link sluice.support.agent} things that move, {@link sluice.support.time} clocks,
 * {@link sluice.support.text} figures as people write them, {@link sluice.support.events} what is
 * told of what happens inside. {@link sluice.support.Closing} is how things are closed when
 * something else has failed already.
 */
package sluice.support;
