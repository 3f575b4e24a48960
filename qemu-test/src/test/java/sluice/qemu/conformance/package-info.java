/**
 * The conformance suite: what the driver must do on every rig, and every rig for the driver.
 *
 * <p>Each class runs once per {@link sluice.qemu.conformance.Rig}; which rigs there are is said by
 * the system property {@code sluice.rigs} (see {@link sluice.qemu.conformance.Rig#DEFAULT}). A rig
 * gives out the drives of {@link sluice.qemu.conformance.TestDrive}, so that a rig whose drives are
 * fixed before the tests begin can have them all at hand. How many tests each rig passed is counted
 * by {@link sluice.qemu.conformance.RigCounts}.
 *
 * <p>Most tests go through the driver. Those of compliance send commands that it never would, with
 * a {@link sluice.qemu.conformance.RawController}; those of defects put a {@link
 * sluice.qemu.conformance.WatchedFunction} between driver and drive. The virtual drive must follow
 * the specification; where QEMU deviates, the expectation says so.
 */
package sluice.qemu.conformance;
