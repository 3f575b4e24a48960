package sluice.qemu.guest;

import java.io.IOException;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import sluice.qemu.conformance.GuestSuite;

/** What depends on it, with a driver that sleeps until the drive interrupts. */
@Order(1)
@Tag("guest")
class Type1InterruptsTest {
  @Test
  void whatDependsOnItPasses() throws IOException {
    GuestSuite.passesWithInterrupts(
        "guest-type1-interrupts", new GuestMachine().kernel(GuestKernel.stock()));
  }
}
