/**
 * The NVMe host driver.
 *
 * <pre>
 *  DriveAddress ──▶ Drives ──▶ DriveProvider ──▶ PciFunction
 *                                                    │
 *                       NvmeController ◀─────────────┘   bring-up, admin commands, health, recovery
 *                        │          │
 *                   Namespace     IoQueue                one owner thread each; requests and completions
 * </pre>
 *
 * <p>{@link sluice.nvme.Drives#open(String)} takes a drive by its address and brings its controller
 * up. {@link sluice.nvme.IoQueue} is the hot path. {@link sluice.nvme.BlockIo} waits for single
 * transfers, where that will do. {@link sluice.nvme.drive} is the face that recorders and
 * benchmarks stand on. The layouts of the specification are in {@link sluice.nvme.spec}.
 */
package sluice.nvme;
