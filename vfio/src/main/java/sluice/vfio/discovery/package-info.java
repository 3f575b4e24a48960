/**
 * Which PCI functions there are, what uses them, and how one is taken over from Linux and given
 * back.
 *
 * <p>All of it is read from sysfs and procfs below a {@link sluice.vfio.discovery.Host}, so that
 * tests bring a machine of their own in a directory. Names of vendors and models come from udev's
 * database where there is one.
 *
 * <p>{@link sluice.vfio.discovery.PciDevice} is what there is, {@link
 * sluice.vfio.discovery.Obstacles} says why it must not be taken, {@link
 * sluice.vfio.discovery.Binding} takes it, and {@link sluice.vfio.discovery.Doctor} says what a
 * machine lacks.
 */
package sluice.vfio.discovery;
