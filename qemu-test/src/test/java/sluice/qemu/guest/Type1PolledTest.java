package sluice.qemu.guest;

import java.io.IOException;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import sluice.qemu.conformance.GuestSuite;

/** The conformance suite through a type1 container, on a stock kernel. */
@Order(1)
@Tag("guest")
class Type1PolledTest {
  @Test
  void theSuitePasses() throws IOException {
    GuestSuite.passes("guest-type1-polled", new GuestMachine().kernel(GuestKernel.stock()));
  }
}
