/**
 * Which PCI functions there are, and what Linux knows of them.
 *
 * <p>All of it is read from sysfs and procfs below a {@link sluice.vfio.discovery.Host}, so that
 * tests bring a machine of their own in a directory. Names of vendors and models come from udev's
 * database where there is one. {@link sluice.vfio.discovery.PciDevice} is what there is; what
 * becomes of it is {@link sluice.vfio.takeover}'s.
 */
package sluice.vfio.discovery;
