/**
 * An NVMe 1.4 controller in software, on the far side of the same registers and rings.
 *
 * <pre>
 *   driver's thread          │ the drive's turns: VirtualDrive.doWork
 *                            │
 *   Bar ──▶ RegisterFile ────┼──▶ Controller: enable, disable, shut down
 *           Doorbells ───────┼──▶ QueueTable ──▶ CommandLoop ──▶ AdminCommands
 *                            │    (HostQueue)        │           IoCommands ──▶ Media
 *   DmaSpace ▶ VirtualIommu ─┼──▶ PrpData            └─ what takes its time ──▶ Execution
 *           memory ◀─────────┼─── (HostData)              of a Subsystem
 * </pre>
 *
 * <p>{@link sluice.virtual.pci.VirtualFunction} is what a driver sees: a PCI function with
 * registers, doorbells and memory for DMA. {@link sluice.virtual.pci.VirtualDrive} is what is
 * behind: a {@link sluice.virtual.command.Controller} that takes commands from queues in memory, on
 * a {@link sluice.virtual.command.Subsystem} that executes them on its {@link
 * sluice.virtual.media.Media}, and answers when its {@link sluice.virtual.personality.Personality}
 * lets it. It moves in turns, on a thread of its own or on its driver's, so that a test can step
 * both. Drives are opened by address through {@link sluice.virtual.VirtualDriveProvider}, which
 * lists the options.
 *
 * <p>Media can stand on media: {@link sluice.virtual.array.CacheMedia} is RAM before any other.
 *
 * <p>Host and drive share memory as a host and a device do: the drive has its own addresses for it,
 * and what is not mapped is a fault that it reports. Nothing in a turn waits, and nothing on a
 * command's way allocates. Time is read from a clock that is handed in.
 *
 * <p>{@link sluice.virtual.media.VolatileCache} and {@link
 * sluice.virtual.pci.VirtualDrive#cutPower} let a test see what a program loses when the power
 * goes.
 */
package sluice.virtual;
