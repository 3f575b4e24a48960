/**
 * vfio-user: a PCI function that lives in another process, reached over a stream socket of this
 * machine. What a driver does through the kernel's VFIO elsewhere, it asks of the other end in
 * messages here; memory is shared by passing descriptors, so that what is hot needs no message.
 *
 * <p>{@link sluice.vfio.user.MessageSocket} carries messages either way and is, like the structures
 * of their bodies, used by the client here and by servers alike. The protocol is that of
 * libvfio-user's specification, version 0.1. Everything is little-endian.
 */
package sluice.vfio.user;
