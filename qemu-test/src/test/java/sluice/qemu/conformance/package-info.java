/**
 * The conformance suite: what the driver must do on every rig, and every rig for the driver.
 *
 * <p>Each class runs once per {@link sluice.qemu.conformance.Rig}; which rigs there are is said by
 * the system property {@code sluice.rigs} (default: {@code virtual,qtest}). A rig gives out the
 * drives of {@link sluice.qemu.conformance.TestDrive}, so that a rig whose drives are fixed before
 * the tests begin can have them all at hand.
 */
package sluice.qemu.conformance;
