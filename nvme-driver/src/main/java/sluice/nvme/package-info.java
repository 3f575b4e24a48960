/**
 * The NVMe host driver, whatever the way to the drive.
 *
 * <pre>
 *  DriveAddress ──▶ Drives ──▶ DriveProvider           one for each scheme; opens a transport
 *                                   │
 *                            NvmeController            admin commands, health, namespaces, closing
 *                             │          │
 *                        Namespace     IoQueue         one owner thread each; requests, completions
 *                                        │
 *             ControllerContext ◀────────┤             lock, admin queue, generation, recovery
 *                     │                  │
 *  ═══════════════════╪══════════════════╪═════════════════════════ the seam
 *                     ▼                  ▼
 *           ControllerTransport    QueueTransport      properties, reset, memory │ entries, completions
 *                     △                  △
 *           sluice.nvme.pcie: registers, rings, PRP lists, doorbells, interrupts
 *           sluice.nvme.tcp: connections, capsules, keep-alive
 * </pre>
 *
 * <p>{@link sluice.nvme.Drives#open(String)} takes a drive by its address and brings its controller
 * up. {@link sluice.nvme.IoQueue} is the hot path. {@link sluice.nvme.drive} is the face that
 * recorders and benchmarks stand on; its {@code DriveIo} waits for single transfers, where that
 * will do. The layouts of the specification are in {@link sluice.nvme.spec}.
 *
 * <p>Above the seam is what does not depend on how a drive is reached. A queue splits requests,
 * keeps them until they are reported, waits for room, aborts what is late, and begins anew after a
 * reset; the controller is brought up, asked, watched, recovered and shut down. Below it is how a
 * command of 64 bytes and its data get there, and its completion of 16 bytes back: {@link
 * sluice.nvme.QueueTransport} says in which steps. A connection in place of rings claims entries in
 * a buffer of its own, keeps the memory that is described by the command's slot, sends what was
 * posted when it is rung, moves data when it is polled, and shows as completions what it has
 * received or what follows from it. The way is chosen once, when a drive is opened; nothing above
 * asks which it is.
 *
 * <p>Nothing above the seam knows what is below, and no class knows one that uses it: queues, admin
 * commands and watches stand on the controller's context, not on the controller.
 */
package sluice.nvme;
