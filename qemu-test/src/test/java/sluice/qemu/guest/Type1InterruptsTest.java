package sluice.qemu.guest;

import java.io.IOException;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import sluice.qemu.conformance.GuestSuite;

/** The conformance suite with a driver that sleeps until the drive interrupts. */
@Order(1)
class Type1InterruptsTest {
  @Test
  void theSuitePasses() throws IOException {
    GuestSuite.passes("guest-type1-interrupts", new GuestMachine().kernel(GuestKernel.stock()));
  }
}
