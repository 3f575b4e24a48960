package sluice.qemu.guest;

import java.io.IOException;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import sluice.qemu.conformance.GuestSuite;

/** What depends on how memory is mapped, where nothing translates the drive's addresses. */
@Order(1)
@Tag("guest")
class NoIommuTest {
  @Test
  void whatDependsOnItPasses() throws IOException {
    GuestMachine machine =
        new GuestMachine()
            .kernel(GuestKernel.small())
            .withoutIommu()
            .kernelArgument("vfio.enable_unsafe_noiommu_mode=1")
            .kernelArgument("hugepages=64");
    GuestSuite.passesWithMappedMemory("guest-unsafe-polled", machine);
  }
}
