/**
 * The conformance suite: what the driver must do on every rig, and every rig for the driver.
 *
 * <p>Each class runs once per {@link sluice.qemu.conformance.Rig}; which rigs there are is said by
 * the system property {@code sluice.rigs} (see {@link sluice.qemu.conformance.Rig#DEFAULT}). A rig
 * gives out the drives of {@link sluice.qemu.conformance.TestDrive}, so that a rig whose drives are
 * fixed before the tests begin can have them all at hand. How many tests each rig passed is counted
 * by {@link sluice.qemu.conformance.RigCounts}.
 *
 * <p>A class that extends {@link sluice.qemu.conformance.ConformanceTest} runs on all rigs. One
 * that extends {@link sluice.qemu.conformance.PciConformanceTest} runs on those whose drives are
 * PCI functions, and not on drives across a network, for what it is about is not there:
 *
 * <table>
 * <caption>Classes that need a PCI function</caption>
 * <tr><td>BringUpTest, BringUpFailureTest<td>registers, rings of the admin queue, shutdown
 * <tr><td>FunctionResetTest<td>a reset of the function
 * <tr><td>RingTest, PciEventTest, DefectTest<td>entries in rings, doorbells, memory for a device
 * <tr><td>QueueComplianceTest<td>queues that are created by commands
 * <tr><td>AdminComplianceTest, IoComplianceTest<td>commands by hand in rings, with PRPs
 * <tr><td>OddDriveTest, OddQueuesTest, OddShutdownTest<td>registers and entries that are changed
 *     between driver and drive
 * </table>
 *
 * <p>HugePages, which only guests have, is about memory for a device too, and HostileDriveTest and
 * QemuFaultsTest bring their own drives.
 *
 * <p>Most tests go through the driver. Those of compliance send commands that it never would, with
 * a {@link sluice.qemu.conformance.RawController}; those of defects put a {@link
 * sluice.qemu.conformance.WatchedFunction} between driver and drive. The virtual drive must follow
 * the specification; where QEMU deviates, the expectation says so.
 */
package sluice.qemu.conformance;
