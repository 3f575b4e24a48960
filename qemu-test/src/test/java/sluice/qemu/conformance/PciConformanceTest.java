package sluice.qemu.conformance;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.vfio.PciFunction;

/**
 * What must be so on every rig that has PCI functions: it is about registers, rings, PRPs, memory
 * that a device reaches, or interrupts, which drives across a network do not have.
 */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("sluice.qemu.conformance.PciRig#all")
abstract class PciConformanceTest extends SuiteTest<PciRig> {
  final PciFunction openFunction(TestDrive drive) {
    return own(rig.function(drive));
  }

  /** A controller without the driver, enabled. */
  final RawController openRaw(TestDrive drive) {
    return new RawController(openFunction(drive)).enable();
  }
}
