/**
 * A PCI function in user space, and the memory it can reach.
 *
 * <p>{@link sluice.vfio.PciFunction} is the one door: it hands out the configuration space, the
 * BARs and the {@link sluice.vfio.DmaSpace} from which memory is taken that the device can read and
 * write. What stands behind the door differs (a virtual drive in this process, QEMU on a socket,
 * the kernel's VFIO), and nothing above this package can tell.
 *
 * <p>{@link sluice.vfio.kernel} gets functions from Linux, {@link sluice.vfio.discovery} finds them
 * and has them handed over, {@link sluice.vfio.linux} has the system calls.
 *
 * <p>Nothing here knows NVMe.
 */
package sluice.vfio;
