/**
 * PCI functions through Linux's VFIO: {@link sluice.vfio.kernel.KernelFunction}.
 *
 * <p>There are three ways to a function, tried in this order unless one is asked for:
 *
 * <pre>
 *  iommufd   /dev/vfio/devices/vfioN + /dev/iommu     the function is a file (Linux 6.6)
 *  type1     /dev/vfio/GROUP + /dev/vfio/vfio         a group in a container
 *  unsafe    /dev/vfio/noiommu-GROUP + /dev/vfio/vfio no IOMMU: only when asked for by that word
 * </pre>
 *
 * {@link sluice.vfio.kernel.Vfio} has all the ioctls; the classes around it are the structures that
 * they take. {@link sluice.vfio.kernel.Access} is what the ways have in common.
 */
package sluice.vfio.kernel;
