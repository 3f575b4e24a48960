/**
 * Drives shared by NVMe over TCP: the controllers' end of it, to which Linux, SPDK and this
 * project's own {@code tcp://} connect.
 *
 * <pre>
 *   Target ── sockets ──▶ QueueConnection ──▶ CapsuleQueue ──▶ the engine's Controller
 *     │ takes turns         │  HostPdus in        commands         of an Association,
 *     │                     │  Outgoing out                        on an ExportedDrive
 *     │                     └─▶ Fabrics
 *     │                          Connect, properties
 *     ├──▶ Admission: who may come in
 *     ├──▶ ConnectionLimits: who is overdue
 *     └──▶ Exports: which drives there are, and who uses them
 *            └──▶ DiscoveryAssociation: tells of them
 * </pre>
 *
 * A write's data comes in its capsule, or goes straight to the engine's buffer when the host was
 * asked for it (R2T); a read's data goes from the media into a buffer out of which it is sent. One
 * thread does all of it, and waits for nobody.
 */
package sluice.virtual.tcp;
