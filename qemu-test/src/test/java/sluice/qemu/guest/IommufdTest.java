package sluice.qemu.guest;

import java.io.IOException;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import sluice.qemu.conformance.GuestSuite;

/**
 * What depends on how memory is mapped, through iommufd and on huge pages, with a driver that spins
 * and then sleeps.
 */
@Order(1)
@Tag("guest")
class IommufdTest {
  @Test
  void whatDependsOnItPasses() throws IOException {
    GuestSuite.passesWithHugePages(
        "guest-iommufd-hybrid", new GuestMachine().kernel(GuestKernel.small()));
  }
}
