/**
 * Structures of Linux's VFIO interface ({@code linux/vfio.h}) that vfio-user has taken over as they
 * are: the kernel fills them in {@link sluice.vfio.kernel}, another process in {@link
 * sluice.vfio.vfiouser}. What is read here may come from a process that means no good: nothing in
 * it is believed before it is checked.
 */
package sluice.vfio.abi;
