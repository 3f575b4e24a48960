package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import sluice.nvme.CommandTimeoutException;
import sluice.nvme.ControllerOptions;
import sluice.nvme.pcie.PcieTransport;

/** A function that somebody else resets: the driver finds out, and brings it up again. */
class FunctionResetTest extends PciConformanceTest {
  private final Bench bench = new Bench();

  private ControllerOptions impatient() {
    return options().withIoTimeout(Duration.ofMillis(300)).withAdminTimeout(Duration.ofSeconds(1));
  }

  @Test
  void aFunctionThatIsResetFromOutsideComesBackUnderLoad() {
    bench.begin(open(TestDrive.BLOCKS_OF_512, impatient()));
    bench.assertWorks(bench.pump());
    bench.submitReads(bench.pump(), 0);
    PcieTransport.functionOf(bench.controller()).reset();
    bench.pump().finish();
    for (int i = 0; i < Bench.DEPTH; i++) {
      Bench.assertDoneOrAborted(bench.pump().status(i));
    }
    // The drive may have been faster than the reset: then this is what finds it.
    Bench.assertDoneOrAborted(
        bench.pump().run(tag -> bench.pump().queue().flush(bench.namespace(), tag)));
    bench.assertWorks(bench.pump());
  }

  @Test
  void aFunctionThatIsResetFromOutsideComesBackByAnAdminCommand() {
    bench.begin(open(TestDrive.BLOCKS_OF_512, impatient()));
    PcieTransport.functionOf(bench.controller()).reset();
    assertThatThrownBy(() -> bench.controller().admin().smartLog())
        .isInstanceOf(CommandTimeoutException.class)
        .hasNoSuppressedExceptions();
    assertThat(bench.controller().admin().smartLog().compositeTemperature()).isPositive();
    bench.assertWorks(bench.pump());
  }
}
