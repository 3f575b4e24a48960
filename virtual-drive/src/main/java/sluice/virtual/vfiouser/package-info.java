/**
 * A virtual drive for other processes, by vfio-user: {@link sluice.virtual.vfiouser.DriveServer}
 * listens at a socket, and who connects (a driver of this project, SPDK, QEMU for its guest) finds
 * an NVMe controller there.
 *
 * <pre>
 *   client │ messages ──▶ Connection ──▶ Commands ──▶ Regions       ──▶ VirtualFunction
 *          │                                          HostMemory    ──▶ VirtualIommu
 *          │ events   ◀───────────────────────────── HostInterrupts ◀── the drive's turns
 *          │ messages ◀── MessageMemory ◀──────────────────────────────       "
 *          │ shared memory: doorbells, queues, data ◀─────────────────▶       "
 * </pre>
 *
 * <p>One thread does it all. A turn of the drive costs nanoseconds and a look at the socket
 * hundreds of them, so that many turns are taken for one look; once the controller is enabled,
 * messages are rare, and what is hot goes through shared memory without a call.
 *
 * <p>One client at a time: while there is one, others are told so by a closed connection. When it
 * goes, in whatever way, its memory is unmapped and the drive is reset and gets other memory for
 * its doorbells, so that nothing of it reaches into the time of the next. The drive itself, and
 * what was written to it, stays.
 *
 * <p>What a client sends is believed in nothing: sizes, ranges, numbers of descriptors and what is
 * behind them are checked, and memory, mappings and messages that wait are bounded. Nonsense within
 * a message gets an errno; a message that cannot be one ends the connection. One thing cannot be
 * prevented: a client that shortens a file whose memory it has shared takes pages away that the
 * drive may touch next. The virtual machine turns that into an error of the turn, and the
 * connection ends; files with sealed sizes do not have the problem.
 */
package sluice.virtual.vfiouser;
