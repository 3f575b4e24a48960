/**
 * QEMU's real NVMe controller, driven from this JVM: no guest, no kernel, no root.
 *
 * <p>{@link sluice.qemu.QemuNvme} is the JUnit extension; {@link sluice.qemu.QemuMachine} is the
 * same without JUnit. Both hand out the controller as a {@link sluice.vfio.PciFunction}.
 *
 * <pre>
 *   this JVM                                      QEMU (q35, one processor that halts)
 *   registers, configuration ── qtest socket ──▶  port 0xcf8/0xcfc, BARs of the NVMe function
 *   DMA memory ─────────────── one memfd ───────  the guest's physical memory
 *   removal, faults, throttles ── QMP socket ──▶  monitor
 * </pre>
 *
 * <p>Guest physical addresses are the device's DMA addresses, and offsets into a file that both
 * processes map: what the controller writes is in this JVM's memory at once. There is no firmware,
 * so {@link sluice.qemu.PciBus} does what firmware does: it numbers the buses and gives the BARs
 * their addresses.
 */
package sluice.qemu;
