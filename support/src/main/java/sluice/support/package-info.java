/**
 * The ground floor: what every room needs and what is nobody's subject.
 *
 * <p>{@link sluice.support.linux} has the system calls, {@link sluice.support.memory} the bytes off
 * the heap, {@link sluice.support.agent} things that move, {@link sluice.support.time} clocks,
 * {@link sluice.support.text} figures and text for people, {@link sluice.support.events} what is
 * told of rare happenings to whoever looks for them. {@link sluice.support.Closing} is how things
 * are closed when something else has failed already, and {@link sluice.support.SluiceException} the
 * root of what goes wrong outside of the program.
 */
package sluice.support;
