/**
 * Drives shared by NVMe over TCP: the controllers' end of it, to which Linux, SPDK and this
 * project's own {@code tcp://} connect.
 *
 * <pre>
 *   Target ── sockets ──▶ QueueConnection ──▶ CapsuleQueue ──▶ the engine's Controller
 *     │                     │  PDUs in and out     commands         of an Association,
 *     │                     └─▶ Fabrics                              on an ExportedDrive
 *     │                          Connect, properties
 *     └──▶ DiscoveryAssociation: which drives there are
 * </pre>
 *
 * A write's data comes in its capsule, or goes straight to the engine's buffer when the host was
 * asked for it (R2T); a read's data goes from the media into a buffer out of which it is sent. One
 * thread does all of it, and waits for nobody.
 */
package sluice.virtual.tcp;
