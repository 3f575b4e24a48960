package sluice.qemu.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.nvme.CompletionMode;
import sluice.qemu.conformance.GuestSuite;

/** The conformance suite through each of the ways in which a Linux kernel gives out a drive. */
class ConformanceInGuestTest {
  @ParameterizedTest
  @EnumSource
  void type1OnAStockKernel(CompletionMode mode) throws IOException {
    assertPasses("guest-type1-" + mode, new GuestMachine().kernel(GuestKernel.stock()));
  }

  @ParameterizedTest
  @EnumSource
  void iommufd(CompletionMode mode) throws IOException {
    assertPasses("guest-iommufd-" + mode, new GuestMachine().kernel(GuestKernel.small()));
  }

  @Test
  void withoutAnIommu() throws IOException {
    assertPasses(
        "guest-unsafe-polled",
        new GuestMachine()
            .kernel(GuestKernel.small())
            .withoutIommu()
            .kernelArgument("vfio.enable_unsafe_noiommu_mode=1")
            .kernelArgument("hugepages=64"));
  }

  private static void assertPasses(String rig, GuestMachine machine) throws IOException {
    GuestTests.Outcome outcome = GuestSuite.run(rig, machine);
    assertThat(outcome.failed()).as("failures, see TEST-%s.xml", rig).isZero();
    assertThat(outcome.tests()).as("tests that ran").isGreaterThan(100);
  }
}
