/**
 * vfio-user: a PCI function that lives in another process, reached over a stream socket of this
 * machine. What a driver does through the kernel's VFIO elsewhere, it asks of the other end in
 * messages here; memory is shared by passing descriptors, so that what is hot needs no message.
 *
 * <p>{@link sluice.vfio.vfiouser.UserFunction} is the client. Of its registers those that the
 * server shares are memory, and the others a request each; a thread of its own sleeps on the
 * socket, so that nothing on a hot path has to look at it. Whatever a server does that cannot be,
 * ends in one line and the function is gone.
 *
 * <p>{@link sluice.vfio.vfiouser.MessageSocket} carries messages either way and is, like the
 * structures of their bodies, used by the client here and by servers alike. The protocol is that of
 * libvfio-user's specification, version 0.1. Everything is little-endian.
 */
package sluice.vfio.vfiouser;
