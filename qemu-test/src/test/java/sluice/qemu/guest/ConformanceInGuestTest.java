package sluice.qemu.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import sluice.qemu.conformance.GuestSuite;

/** The conformance suite through each of the ways in which a Linux kernel gives out a drive. */
class ConformanceInGuestTest {
  @Test
  void type1OnAStockKernel() throws IOException {
    assertPasses("guest-type1", GuestKernel.stock());
  }

  private static void assertPasses(String rig, GuestKernel kernel) throws IOException {
    GuestTests.Outcome outcome = GuestSuite.run(rig, kernel);
    assertThat(outcome.failed()).as("failures, see TEST-%s.xml", rig).isZero();
    assertThat(outcome.tests()).as("tests that ran").isGreaterThan(100);
  }
}
