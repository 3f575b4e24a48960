package sluice.qemu.guest;

import java.io.IOException;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import sluice.qemu.conformance.GuestSuite;

/** The conformance suite through iommufd, with a driver that spins and then sleeps. */
@Order(1)
class IommufdTest {
  @Test
  void theSuitePasses() throws IOException {
    GuestSuite.passes("guest-iommufd-hybrid", new GuestMachine().kernel(GuestKernel.small()));
  }
}
