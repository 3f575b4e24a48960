/**
 * How a function is taken over from Linux and given back.
 *
 * <p>{@link sluice.vfio.takeover.Obstacles} says why it must not be taken, {@link
 * sluice.vfio.takeover.Binding} takes it, and {@link sluice.vfio.takeover.Doctor} says what a
 * machine lacks. {@link sluice.vfio.discovery} has found it.
 */
package sluice.vfio.takeover;
