package sluice.qemu.guest;

import java.io.IOException;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import sluice.qemu.conformance.GuestSuite;

/** The essence of the conformance suite, where nothing translates the drive's addresses. */
@Order(1)
class NoIommuTest {
  @Test
  void theEssencePasses() throws IOException {
    GuestMachine machine =
        new GuestMachine()
            .kernel(GuestKernel.small())
            .withoutIommu()
            .kernelArgument("vfio.enable_unsafe_noiommu_mode=1")
            .kernelArgument("hugepages=64");
    GuestSuite.passesInShort("guest-unsafe-polled", machine);
  }
}
