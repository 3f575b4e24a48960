/**
 * An NVMe 1.4 controller in software, on the far side of the same registers and rings.
 *
 * <p>{@link sluice.virtual.VirtualFunction} is what a driver sees: a PCI function with registers,
 * doorbells and memory for DMA. {@link sluice.virtual.VirtualDrive} is what is behind: it takes
 * entries from submission queues, executes them on a {@link sluice.virtual.Backend}, and posts
 * completions. It moves in turns, on a thread of its own or on its driver's, so that a test can
 * step both.
 *
 * <p>Host and drive share memory as a host and a device do: the drive has its own addresses for it,
 * and what is not mapped is a fault that it reports. Nothing in a turn waits, and nothing on a
 * command's way allocates.
 */
package sluice.virtual;
