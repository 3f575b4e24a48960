package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.nvme.CompletionHandler;
import sluice.nvme.ControllerOptions;
import sluice.nvme.IoQueue;
import sluice.nvme.NvmeController;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.Status;
import sluice.nvme.spec.StatusCode;
import sluice.qemu.BlockIo;
import sluice.vfio.PciFunction;

/** What the suite's classes share: the rig, and controllers that are closed after each test. */
@ParameterizedClass(name = "{0}")
@MethodSource("sluice.qemu.conformance.Rig#all")
@ExtendWith(RigCounts.class)
@TestInstance(TestInstance.Lifecycle.PER_METHOD)
abstract class ConformanceTest {
  private static final long LONGEST_WAIT_NANOS = 100_000_000;

  @Parameter Rig rig;

  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  /** Closes a thing after the test at the latest. */
  final <T extends AutoCloseable> T own(T thing) {
    opened.add(thing);
    return thing;
  }

  final PciFunction openFunction(TestDrive drive) {
    return own(rig.open(drive));
  }

  /** What a controller is opened with, unless the test is about something else. */
  final ControllerOptions options() {
    return ControllerOptions.defaults().withCompletions(rig.completions());
  }

  final NvmeController open(TestDrive drive) {
    return open(drive, options());
  }

  final NvmeController open(TestDrive drive, ControllerOptions options) {
    return own(PcieTransport.open(rig.open(drive), options));
  }

  /** A controller without the driver, enabled. */
  final RawController openRaw(TestDrive drive) {
    return new RawController(openFunction(drive)).enable();
  }

  final BlockIo blockIo(NvmeController controller, int nsid) {
    return new BlockIo(controller, controller.createIoQueue(32), controller.namespace(nsid));
  }

  final Pump pump(NvmeController controller, int depth) {
    return new Pump(controller.createIoQueue(depth));
  }

  /**
   * Polls a queue once, and when there is nothing waits for it in the way that its controller was
   * opened with.
   */
  static int turn(IoQueue queue, CompletionHandler handler) {
    int reported = queue.poll(handler);
    if (reported == 0 && queue.outstanding() > 0) {
      boolean _ = queue.await(LONGEST_WAIT_NANOS);
    }
    return reported;
  }

  /**
   * What to expect where QEMU 7.2's controller is known to deviate from the specification, with the
   * why beside the call.
   */
  final <T> T qemuHas(T deviation, T specified) {
    return rig.isQemu() ? deviation : specified;
  }

  static void assertStatus(int status, StatusCode expected) {
    assertThat(StatusCode.of(status)).as(Status.format(status)).isEqualTo(expected);
  }
}
