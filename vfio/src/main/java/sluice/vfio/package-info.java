/**
 * A PCI function in user space, and the memory it can reach.
 *
 * <p>{@link sluice.vfio.PciFunction} is the one door: it hands out the configuration space, the
 * BARs and the {@link sluice.vfio.DmaSpace} from which memory is taken that the device can read and
 * write. What stands behind the door differs (a virtual drive in this process, QEMU on a socket,
 * the kernel's VFIO), and nothing above this package can tell.
 *
 * <p>{@link sluice.vfio.kernel} gets functions from Linux and {@link sluice.vfio.vfiouser} from a
 * server on a socket (vfio-user); {@link sluice.vfio.abi} is what both have in common. {@link
 * sluice.vfio.discovery} finds the functions of a machine, {@link sluice.vfio.takeover} has them
 * handed over.
 *
 * <p>Nothing here speaks NVMe. What is known of it is the class code by which a drive is found,
 * what Linux's own driver says of a drive that it holds, and which times of a command a function
 * can tell ({@link sluice.vfio.DeviceStamps}).
 */
package sluice.vfio;
