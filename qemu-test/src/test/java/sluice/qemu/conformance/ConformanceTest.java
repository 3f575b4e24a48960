package sluice.qemu.conformance;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What must be so on every rig, whatever way leads to its drives. */
@ParameterizedClass(name = "{0}")
@MethodSource("sluice.qemu.conformance.Rig#all")
abstract class ConformanceTest extends SuiteTest<Rig> {}
